//! The parts that pages are made of: they know how things look, not what they are about.
//!
//! The one exception is [`words`], which says how the domain's states are called and coloured everywhere. Deliberately
//! absent: server functions, navigation, anything that fetches.

pub mod action;
pub mod browser;
pub mod chart;
pub mod chip;
pub mod clock;
pub mod copy;
pub mod empty;
pub mod field;
pub mod form;
pub mod icon;
pub mod live;
pub mod loaded;
pub mod note;
pub mod page;
pub mod status;
pub mod table;
pub mod words;

pub use action::{Button, ButtonLink, Disclosure, Kind};
pub use chart::{BarChart, Point};
pub use chip::{Chip, Tags};
pub use clock::{Age, Clock, Countdown, Time, use_clock};
pub use copy::CopyButton;
pub use empty::EmptyState;
pub use field::{Check, Choice, Select, TextArea, TextField};
pub use form::{Form, Submit, error_of};
pub use icon::{Glyph, Icon};
pub use live::{Connection, Live, use_live};
pub use loaded::{Loaded, Skeleton};
pub use note::{Announcer, ErrorNote, Note, Secret, use_announcer};
pub use page::{Fact, Facts, PageHead, Section};
pub use status::{Job, StatusWord};
pub use table::Table;
