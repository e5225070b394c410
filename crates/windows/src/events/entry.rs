//! One entry, out of the system's XML.

use std::fmt;

use roxmltree::{Document, Node};

/// How grave an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Always logged: audits, and what old programs write for information.
    Always,
    /// The program could not go on.
    Critical,
    /// Something failed.
    Error,
    /// Something may fail.
    Warning,
    /// For information.
    Information,
    /// For those who look closely.
    Verbose,
    /// A number that the program defined.
    Other(u8),
}

/// One entry of an event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was written, as the system says: `2026-03-01T02:47:09.1234567Z`.
    pub time: String,
    /// How grave it is.
    pub level: Level,
    /// Which program wrote it.
    pub provider: String,
    /// What it is about, in the program's own numbers.
    pub id: u32,
    /// Its number in the log.
    pub record: u64,
    /// The program's message; none where it can't be had, as after the program was removed.
    pub message: Option<String>,
    /// The entry's data: names, where they have one, and values.
    pub data: Vec<(String, String)>,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always | Self::Information => "Information",
            Self::Critical => "Critical",
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Verbose => "Verbose",
            Self::Other(n) => return write!(f, "level {n}"),
        })
    }
}

impl Entry {
    /// Reads the XML; what is not well-formed becomes the entry's only data, whole.
    pub(super) fn parse(xml: &str) -> Self {
        let mut entry = Self {
            time: String::new(),
            level: Level::Always,
            provider: String::new(),
            id: 0,
            record: 0,
            message: None,
            data: vec![],
        };
        let Ok(document) = Document::parse(xml) else {
            entry.data.push((String::new(), xml.to_owned()));
            return entry;
        };
        for part in document.root_element().children().filter(Node::is_element) {
            match part.tag_name().name() {
                "System" => entry.system(part),
                "EventData" => entry.values(part),
                // The parts that a provider defined itself, one level further down.
                "UserData" => part.children().filter(Node::is_element).for_each(|p| entry.values(p)),
                _ => {}
            }
        }
        entry
    }

    fn system(&mut self, system: Node<'_, '_>) {
        for part in system.children().filter(Node::is_element) {
            let text = part.text().unwrap_or_default().trim();
            let attribute = |name| part.attribute(name).unwrap_or_default().to_owned();
            match part.tag_name().name() {
                "Provider" => self.provider = attribute("Name"),
                "EventID" => self.id = text.parse().unwrap_or_default(),
                "Level" => self.level = level(text.parse().unwrap_or_default()),
                "TimeCreated" => self.time = attribute("SystemTime"),
                "EventRecordID" => self.record = text.parse().unwrap_or_default(),
                _ => {}
            }
        }
    }

    fn values(&mut self, data: Node<'_, '_>) {
        for part in data.children().filter(Node::is_element) {
            let tag = part.tag_name().name();
            let name = part.attribute("Name").unwrap_or(if tag == "Data" { "" } else { tag });
            let value: String = part
                .descendants()
                .filter_map(|n| if n.is_text() { n.text() } else { None })
                .collect();
            self.data.push((name.to_owned(), value));
        }
    }
}

fn level(number: u8) -> Level {
    match number {
        0 => Level::Always,
        1 => Level::Critical,
        2 => Level::Error,
        3 => Level::Warning,
        4 => Level::Information,
        5 => Level::Verbose,
        other => Level::Other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the form that Microsoft documents for the element `Event` ("Event Schema"), written by hand.
    const BY_HAND: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
        <Provider Name='Service Control Manager' Guid='{555908d1-a6d7-4695-8e1e-26931d2012f4}' EventSourceName='Service Control Manager'/>\
        <EventID Qualifiers='49152'>7034</EventID><Version>0</Version><Level>2</Level><Task>0</Task><Opcode>0</Opcode>\
        <Keywords>0x8080000000000000</Keywords><TimeCreated SystemTime='2026-03-01T02:47:09.1234567Z'/>\
        <EventRecordID>4711</EventRecordID><Correlation/><Execution ProcessID='1' ThreadID='2'/><Channel>System</Channel>\
        <Computer>till-3</Computer><Security/></System><EventData><Data Name='param1'>POS &amp; Print</Data>\
        <Data>1</Data><Binary>50004F00</Binary></EventData></Event>";

    /// R12: what an entry says is taken from its XML.
    #[test]
    fn an_entry_is_read() {
        let entry = Entry::parse(BY_HAND);
        assert_eq!(
            (entry.time.as_str(), entry.provider.as_str(), entry.id, entry.record),
            ("2026-03-01T02:47:09.1234567Z", "Service Control Manager", 7034, 4711)
        );
        assert_eq!(entry.level, Level::Error);
        let data = [("param1", "POS & Print"), ("", "1"), ("Binary", "50004F00")];
        assert_eq!(entry.data, data.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }

    #[test]
    fn a_providers_own_data_and_what_is_no_xml_are_not_lost() {
        let own = "<Event><System><Level>9</Level></System><UserData><Job xmlns='x'><Printer>P1</Printer></Job></UserData></Event>";
        let entry = Entry::parse(own);
        assert_eq!(
            (entry.level, entry.data),
            (Level::Other(9), vec![("Printer".to_owned(), "P1".to_owned())])
        );
        let broken = "<Event>\u{1}";
        assert_eq!(Entry::parse(broken).data, [(String::new(), broken.to_owned())]);
    }
}
