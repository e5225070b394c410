//! Output reports in parts, so that on a slow link a long one keeps no other action waiting.
//!
//! A report's text may be said in [`ReportPart`]s first, and then what is left of it with everything else in
//! [`ReportRest`](crate::AgentMessage::ReportRest). Between them whole reports of other actions may be said; other parts may
//! not, so there is never more than one report to put together. What comes out is the report as it would have come whole,
//! within the same limits.

use domain::ids::ActionId;
use serde::{Deserialize, Serialize};

use crate::MAX_FRAME;
use crate::link::Violation;
use crate::message::DecodeError;
use crate::report::{Report, ReportBody};

/// The capability of a server that puts parts together. From protocol 2 on.
pub const PARTS: &str = "report.parts";

/// Bytes of text in a part, about.
pub const PART: usize = 4096;

/// The fewest bytes of a part: a report is not to cost the server thousands of frames.
const SHORTEST: usize = 1024;

/// The next piece of the text of an output report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportPart {
    /// The report's action.
    pub action: ActionId,
    /// The report's place among those of its action.
    pub n: u64,
    /// At least 1024 bytes.
    pub text: String,
}

impl ReportPart {
    pub(crate) fn is_well_formed(&self) -> bool {
        self.text.len() >= SHORTEST && self.n <= domain::canonical::MAX_INTEGER.unsigned_abs()
    }
}

/// An output report on its way in parts.
#[derive(Debug)]
pub struct Cut {
    report: Report,
    /// Bytes of its text that were said.
    said: usize,
}

impl Report {
    /// Whether it is worth being cut: its text is longer than [`PART`].
    pub fn is_long(&self) -> bool {
        matches!(&self.body, ReportBody::Output { text, .. } if text.len() > PART)
    }
}

impl Cut {
    /// A report that is long; of any other there is only the rest.
    pub fn new(report: Report) -> Self {
        Self { report, said: 0 }
    }

    /// The report's action.
    pub fn action(&self) -> ActionId {
        self.report.action
    }

    /// The next part; none when it is time for [`Cut::rest`].
    pub fn part(&mut self) -> Option<ReportPart> {
        let ReportBody::Output { text, .. } = &self.report.body else {
            return None;
        };
        let left = text.get(self.said..).filter(|left| left.len() > PART)?;
        let piece = left.get(..left.floor_char_boundary(PART))?;
        self.said += piece.len();
        Some(ReportPart {
            action: self.report.action,
            n: self.report.n,
            text: piece.to_owned(),
        })
    }

    /// The report without what was said of its text, to be said as [`ReportRest`](crate::AgentMessage::ReportRest).
    pub fn rest(mut self) -> Report {
        if let ReportBody::Output { text, .. } = &mut self.report.body {
            text.drain(..self.said);
        }
        self.report
    }
}

/// What was heard of a report whose rest is to come. In a box, since most connections have none.
#[derive(Debug, Default)]
pub(crate) struct Parts(Option<Box<ReportPart>>);

impl Parts {
    /// Another part.
    pub(crate) fn add(&mut self, part: ReportPart) -> Result<(), Violation> {
        let Some(begun) = &mut self.0 else {
            self.0 = Some(Box::new(part));
            return Ok(());
        };
        if (begun.action, begun.n) != (part.action, part.n) {
            return Err(Violation::OutOfTurn("report_part"));
        }
        let size = begun.text.len() + part.text.len();
        if size > MAX_FRAME {
            return Err(Violation::Decode(DecodeError::TooLarge(size)));
        }
        begun.text.push_str(&part.text);
        Ok(())
    }

    /// The whole report, now that its rest is here.
    pub(crate) fn join(&mut self, mut rest: Report) -> Result<Report, Violation> {
        const NAME: &str = "report_rest";
        let begun = self.0.take().filter(|b| (b.action, b.n) == (rest.action, rest.n));
        let (Some(mut begun), ReportBody::Output { text, .. }) = (begun, &mut rest.body) else {
            return Err(Violation::OutOfTurn(NAME));
        };
        begun.text.push_str(text);
        *text = begun.text;
        if text.len() > MAX_FRAME {
            return Err(Violation::Decode(DecodeError::TooLarge(text.len())));
        }
        if rest.is_well_formed() {
            Ok(rest)
        } else {
            Err(Violation::Decode(DecodeError::Limits(NAME)))
        }
    }

    /// Whether a whole report of an action may come now: not when one of the same action is on its way.
    pub(crate) fn let_pass(&self, action: ActionId) -> bool {
        self.0.as_ref().is_none_or(|begun| begun.action != action)
    }
}
