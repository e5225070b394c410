//! One family of icons: 16 by 16, drawn with a stroke of 1.5 in the colour of the text. An icon never stands alone for a
//! meaning; where it has no word beside it, it takes a label.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// Four tiles: the overview.
    Overview,
    /// A screen: an endpoint.
    Endpoint,
    /// A prompt: a session.
    Session,
    /// A stamp with a tick: approvals.
    Approval,
    /// A list with a clock: history.
    History,
    /// Stacked sheets: the record.
    Record,
    /// Sliders: settings.
    Settings,
    /// A magnifying glass.
    Search,
    /// A tick: done, allowed.
    Check,
    /// A tick in a circle: authorised.
    Allowed,
    /// A clock: waits for a person.
    Waiting,
    /// A barred circle: refused.
    Refused,
    /// A cross: close, failed.
    Cross,
    /// A triangle: altered, alarm.
    Alert,
    /// A triangle pointing right: runs.
    Running,
    /// A filled dot in a ring: connected.
    Ready,
    /// A broken ring: not connected.
    Offline,
    /// An arrow on a line: sent.
    Sent,
    /// A question mark in a circle: not known.
    Unknown,
    /// A key.
    Key,
    /// A closed lock.
    Lock,
    /// One person.
    Person,
    /// Two people.
    People,
    /// Two sheets: copy.
    Copy,
    /// An arrow leaving a box: share, external.
    Share,
    /// An arrow into a tray: download.
    Download,
    /// A plus.
    Plus,
    /// A pencil: a note.
    Note,
    /// A chain link: permalink.
    Link,
    /// An angle pointing right.
    Next,
    /// An angle pointing down.
    Down,
    /// A sun: light theme.
    Sun,
    /// A moon: dark theme.
    Moon,
    /// A half-filled circle: theme of the system.
    Auto,
    /// A keyboard.
    Keyboard,
    /// A door with an arrow: sign out.
    SignOut,
    /// A tray: nothing here.
    Empty,
    /// A minus in a circle: taken back.
    Withdrawn,
    /// Scissors' lines: narrowed.
    Narrowed,
}

impl Glyph {
    /// The path.
    fn d(self) -> &'static str {
        match self {
            Self::Overview => "M2.75 2.75h4v4h-4zM9.25 2.75h4v4h-4zM2.75 9.25h4v4h-4zM9.25 9.25h4v4h-4z",
            Self::Endpoint => {
                "M2.75 2.75h10.5a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H2.75a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1zM5.5 13.75h5M8 10.75v3"
            }
            Self::Session => {
                "M2.75 2.25h10.5a1 1 0 0 1 1 1v9.5a1 1 0 0 1-1 1H2.75a1 1 0 0 1-1-1v-9.5a1 1 0 0 1 1-1zM4.5 6l2.25 2-2.25 2M8.5 10.25h3"
            }
            Self::Approval => {
                "M3 13.75h10M3.75 11.25h8.5v-1.5a1.5 1.5 0 0 0-1.5-1.5H9.5L10 4.5a2 2 0 1 0-4 0l.5 3.75H5.25a1.5 1.5 0 0 0-1.5 1.5z"
            }
            Self::History => "M2.5 3.25v3h3M2.75 6.1A5.75 5.75 0 1 1 2.3 9.2M8 5v3.25l2.25 1.25",
            Self::Record => "M8 2l5.75 3L8 8 2.25 5zM2.5 8.25L8 11l5.5-2.75M2.5 11.25L8 14l5.5-2.75",
            Self::Settings => {
                "M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14M10.5 2.75a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5zM5.5 9.75a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5z"
            }
            Self::Search => "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.4 10.4l3.35 3.35",
            Self::Check => "M3 8.5l3.25 3.25L13 4.75",
            Self::Allowed => "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5.25 8.25l2 2 3.5-4",
            Self::Waiting => "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 4.75V8l2.25 1.5",
            Self::Refused => "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM3.9 12.1l8.2-8.2",
            Self::Cross => "M3.75 3.75l8.5 8.5M12.25 3.75l-8.5 8.5",
            Self::Alert => "M8 2.25l6.25 11.25H1.75zM8 6.25v3.25M8 11.4v.1",
            Self::Running => "M5 3.25l7.5 4.75L5 12.75z",
            Self::Ready => "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 6.25a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5z",
            Self::Offline => {
                "M10.6 2.6A6 6 0 0 1 13.4 5.4M13.9 8.9a6 6 0 0 1-1.6 3.3M9.5 13.8a6 6 0 0 1-4 -.35M3.2 11.6A6 6 0 0 1 2 8M2.5 5.6a6 6 0 0 1 2.4-2.75"
            }
            Self::Sent => "M2 8h10.5M9 4.5L12.5 8 9 11.5",
            Self::Unknown => {
                "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM6.25 6.5a1.75 1.75 0 1 1 2.6 1.5c-.6.35-.85.7-.85 1.25M8 11.2v.1"
            }
            Self::Key => "M5.25 7.5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM7.4 8.35L13.25 2.5M11 4.75l2 2M9.25 6.5l1.25 1.25",
            Self::Lock => {
                "M4.25 7.25h7.5a1 1 0 0 1 1 1v4.5a1 1 0 0 1-1 1h-7.5a1 1 0 0 1-1-1v-4.5a1 1 0 0 1 1-1zM5.25 7.25V5a2.75 2.75 0 0 1 5.5 0v2.25"
            }
            Self::Person => "M8 2.5a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5zM2.75 13.75a5.25 4.25 0 0 1 10.5 0",
            Self::People => {
                "M6 3a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM1.5 13.25a4.5 3.75 0 0 1 9 0M10.75 3.2a2.5 2.5 0 0 1 0 4.6M12.25 10a4 3.75 0 0 1 2.25 3.25"
            }
            Self::Copy => {
                "M6 5.75h6.75a.75.75 0 0 1 .75.75v6.75a.75.75 0 0 1-.75.75H6a.75.75 0 0 1-.75-.75V6.5A.75.75 0 0 1 6 5.75zM10.75 3.25A.75.75 0 0 0 10 2.5H3.25a.75.75 0 0 0-.75.75V10c0 .4.35.75.75.75"
            }
            Self::Share => "M8 10V2.25M5 5l3-3 3 3M3.25 8.5v4.25a1 1 0 0 0 1 1h7.5a1 1 0 0 0 1-1V8.5",
            Self::Download => "M8 2.25V10M5 7.25l3 3 3-3M2.75 11.5v1.25a1 1 0 0 0 1 1h8.5a1 1 0 0 0 1-1V11.5",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Note => "M10.75 2.75l2.5 2.5-7.5 7.5-3.25.75.75-3.25zM9 4.5L11.5 7",
            Self::Link => {
                "M6.75 9.25a2.75 2.75 0 0 0 4 .1l2-2a2.75 2.75 0 0 0-3.9-3.9l-.85.85M9.25 6.75a2.75 2.75 0 0 0-4-.1l-2 2a2.75 2.75 0 0 0 3.9 3.9l.85-.85"
            }
            Self::Next => "M6 3.5L10.5 8 6 12.5",
            Self::Down => "M3.5 6L8 10.5 12.5 6",
            Self::Sun => {
                "M8 5.25a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5zM8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9"
            }
            Self::Moon => "M13.5 9.25A5.75 5.75 0 0 1 6.75 2.5a5.75 5.75 0 1 0 6.75 6.75z",
            Self::Auto => "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 2v12M8 5h4.9M8 8h6M8 11h4.9",
            Self::Keyboard => {
                "M2.25 4h11.5a.75.75 0 0 1 .75.75v6.5a.75.75 0 0 1-.75.75H2.25a.75.75 0 0 1-.75-.75v-6.5A.75.75 0 0 1 2.25 4zM4 6.75h.1M6.6 6.75h.1M9.3 6.75h.1M11.9 6.75h.1M5 9.5h6"
            }
            Self::SignOut => "M6.5 2.75h-3a.75.75 0 0 0-.75.75v9c0 .4.35.75.75.75h3M6.5 8h7M10.75 5l3 3-3 3",
            Self::Empty => {
                "M2.25 9l2-5.5h7.5l2 5.5v3.75a.75.75 0 0 1-.75.75H3a.75.75 0 0 1-.75-.75zM2.25 9h3.5l.75 1.75h3L10.25 9h3.5"
            }
            Self::Withdrawn => "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5.25 8h5.5",
            Self::Narrowed => "M2 3.75h12M4.25 8h7.5M6.5 12.25h3",
        }
    }
}

/// An icon. Hidden from screen readers unless it has a label.
#[component]
pub fn Icon(
    /// What it shows.
    glyph: Glyph,
    /// What it means, where no word stands beside it.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let hidden = label.is_none().then_some("true");
    let role = label.is_some().then_some("img");
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" focusable="false" aria-hidden=hidden role=role aria-label=label>
            <path d=glyph.d()></path>
        </svg>
    }
}
