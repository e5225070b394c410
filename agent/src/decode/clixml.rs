//! PowerShell's errors, unwrapped. When its standard error is no console, Windows PowerShell writes `#< CLIXML` and then
//! one `<Objs>` with an element per record. `<S S="Error">` is the text of an error and comes out as it is, other streams'
//! texts come with their name, a progress record as one line. Anything else comes out as it stands.
//!
//! Of an element at most [`LONGEST`] bytes are held; one that is longer, or is no such XML, comes out as it stands, and all
//! that follows with it. Nothing is lost.

mod element;

/// The longest element that is looked at as a whole, in bytes.
const LONGEST: usize = 64 * 1024;

const HEADER: &str = "#< CLIXML";

/// Unwraps one stream.
#[derive(Default)]
pub(super) struct Unwrapper {
    state: State,
    /// Text that can't be decided yet.
    held: String,
    /// The header, as long as it is not certain that it is one.
    opening: String,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// At the beginning of a line of plain text.
    #[default]
    LineStart,
    /// In the middle of a line of plain text.
    Line,
    /// Behind the header: `<Objs …>` has to come.
    Header,
    /// Between the elements of an `<Objs>`.
    Elements,
    /// It was no CLIXML after all.
    AsItStands,
}

/// What can be done with the text that is there.
enum Step {
    /// This many bytes are dealt with.
    Done(usize),
    NeedsMore,
}

impl Unwrapper {
    pub(super) fn push(&mut self, text: &str, out: &mut String) {
        if self.held.is_empty() && self.state == State::AsItStands {
            return out.push_str(text);
        }
        self.held.push_str(text);
        let held = std::mem::take(&mut self.held);
        let mut at = 0;
        while at < held.len() {
            match self.step(&held[at..], out) {
                Step::Done(n) => at += n,
                Step::NeedsMore => break,
            }
        }
        self.held.push_str(&held[at..]);
    }

    /// What is left at the end comes out as it stands.
    pub(super) fn finish(&mut self, out: &mut String) {
        out.push_str(&std::mem::take(&mut self.opening));
        out.push_str(&std::mem::take(&mut self.held));
    }

    fn step(&mut self, text: &str, out: &mut String) -> Step {
        match self.state {
            State::LineStart => self.line_start(text),
            State::Line => {
                let end = text.find('\n').map(|at| at + 1);
                if end.is_some() {
                    self.state = State::LineStart;
                }
                let len = end.unwrap_or(text.len());
                out.push_str(&text[..len]);
                Step::Done(len)
            }
            State::Header => self.header(text, out),
            State::Elements => self.element(text, out),
            State::AsItStands => {
                out.push_str(text);
                Step::Done(text.len())
            }
        }
    }

    fn line_start(&mut self, text: &str) -> Step {
        let line = text.split('\n').next().unwrap_or_default();
        if line.len() < text.len() && line.strip_suffix('\r').unwrap_or(line) == HEADER {
            self.state = State::Header;
            self.opening.push_str(&text[..=line.len()]);
            return Step::Done(line.len() + 1);
        }
        // A line that goes on and may still become the header.
        let may = line.len() == text.len()
            && (HEADER.starts_with(line) || line.strip_prefix(HEADER).is_some_and(|rest| rest == "\r"));
        if may {
            return Step::NeedsMore;
        }
        self.state = State::Line;
        Step::Done(0)
    }

    /// `<Objs …>`.
    fn header(&mut self, text: &str, out: &mut String) -> Step {
        const OPEN: &str = "<Objs";
        let blank = text.len() - text.trim_start().len();
        if blank > 0 {
            self.opening.push_str(&text[..blank]);
            return Step::Done(blank);
        }
        let begins = OPEN.starts_with(&text[..text.floor_char_boundary(OPEN.len())]);
        match (begins, text.find('>')) {
            (true, Some(end)) if end < LONGEST => {
                self.opening.clear();
                self.state = if text[..end].ends_with('/') {
                    State::LineStart
                } else {
                    State::Elements
                };
                Step::Done(end + 1)
            }
            (true, None) if text.len() <= LONGEST => Step::NeedsMore,
            (true | false, Some(_) | None) => {
                out.push_str(&std::mem::take(&mut self.opening));
                self.state = State::AsItStands;
                Step::Done(0)
            }
        }
    }

    fn element(&mut self, text: &str, out: &mut String) -> Step {
        const CLOSE: &str = "</Objs>";
        let blank = text.len() - text.trim_start().len();
        if blank > 0 {
            return Step::Done(blank);
        }
        if text.starts_with(CLOSE) {
            self.state = State::LineStart;
            return Step::Done(CLOSE.len());
        }
        if CLOSE.starts_with(text) {
            return Step::NeedsMore;
        }
        match element::extent(text) {
            element::Extent::Whole(len) if len <= LONGEST => {
                element::unwrap(&text[..len], out);
                Step::Done(len)
            }
            element::Extent::Unfinished if text.len() <= LONGEST => Step::NeedsMore,
            element::Extent::Whole(_) | element::Extent::Unfinished | element::Extent::NoElement => {
                self.state = State::AsItStands;
                Step::Done(0)
            }
        }
    }
}

impl std::fmt::Debug for Unwrapper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unwrapper(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(text: &str) -> String {
        let mut unwrapper = Unwrapper::default();
        let mut out = String::new();
        unwrapper.push(text, &mut out);
        unwrapper.finish(&mut out);
        out
    }

    #[test]
    fn what_is_no_clixml_comes_out_as_it_stands() {
        for text in [
            "",
            "\n",
            "plain\ntext",
            "#< CLIXML",
            "#< CLIX\n<Objs>",
            " #< CLIXML\n<Objs>",
            "#< CLIXML\n",
            "#< CLIXML\nno objects\n",
            "#< CLIXML\n<Obj><S/></Obj>\n",
            "#< CLIXML\n<Objs",
        ] {
            assert_eq!(unwrapped(text), text);
        }
    }

    #[test]
    fn what_can_not_be_read_comes_out_as_it_stands() {
        let from = |rest: &str| unwrapped(&format!("#< CLIXML\n<Objs Version=\"1\">{rest}"));
        assert_eq!(
            from("<S S=\"Error\">one_x000A_</S><S S=\"Error\">two"),
            "one\n<S S=\"Error\">two"
        );
        assert_eq!(from("<S S=\"Error\">one</S>tail</Objs>"), "one\ntail</Objs>");
        assert_eq!(from("</S></Objs>"), "</S></Objs>");
        assert_eq!(from("<B>true</B></Objs>"), "<B>true</B>\n");
        let long = format!("<S S=\"Error\">{}", "x".repeat(LONGEST));
        assert_eq!(
            from(&format!("{long}</S></Objs>\nend")),
            format!("{long}</S></Objs>\nend")
        );
    }

    #[test]
    fn text_around_and_a_second_document_are_kept() {
        let document = "#< CLIXML\r\n<Objs><S S=\"Error\">e_x000A_</S></Objs>";
        assert_eq!(
            unwrapped(&format!("before\n{document}\nafter\n{document}")),
            "before\ne\n\nafter\ne\n"
        );
        assert_eq!(unwrapped("#< CLIXML\n<Objs/>rest"), "rest");
    }
}
