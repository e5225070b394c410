//! The agent's log lines as entries of the Windows event log, for when it runs as a service and nobody sees its stderr.

use std::io::{self, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;
use win::error::WinError;
use win::log::{self, Source};

/// What the agent's entries come from.
pub const SOURCE: &str = "CountersignAgent";

/// The number of all entries that are log lines.
const LINE: u16 = 1;

/// The number of all entries that say who acted.
const ACTED: u16 = 2;

/// Adds an entry about an action. Failing to is logged only, which reaches a console at least.
pub fn note(text: &str) {
    let noted = Source::open(SOURCE).and_then(|log| log.report(log::Level::Information, ACTED, text));
    if let Err(e) = noted {
        tracing::warn!(error = %e, "an action could not be told to the event log");
    }
}

/// Where log lines go.
#[derive(Debug)]
pub struct EventLog(Source);

/// One line on its way.
#[derive(Debug)]
pub struct Entry<'a> {
    source: &'a Source,
    level: log::Level,
    text: Vec<u8>,
}

impl EventLog {
    /// Opens it.
    ///
    /// # Errors
    /// As the system says.
    pub fn open() -> Result<Self, WinError> {
        Source::open(SOURCE).map(Self)
    }

    fn entry(&self, level: log::Level) -> Entry<'_> {
        Entry {
            source: &self.0,
            level,
            text: vec![],
        }
    }
}

impl<'a> MakeWriter<'a> for EventLog {
    type Writer = Entry<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        self.entry(log::Level::Information)
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Self::Writer {
        self.entry(match *about.level() {
            Level::ERROR => log::Level::Error,
            Level::WARN => log::Level::Warning,
            _ => log::Level::Information,
        })
    }
}

impl Write for Entry<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        // There is no other place to say that the log can't be written.
        let _ = self
            .source
            .report(self.level, LINE, String::from_utf8_lossy(&self.text).trim_end());
    }
}
