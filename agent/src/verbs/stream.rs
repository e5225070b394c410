//! Reading files piece by piece: whole, from a place near the end, or only the lines of the last minutes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use domain::sensitive::Raw;
use tokio::time::Instant;
use wire::Stream;

use super::encoding::{Decoder, Encoding};
use super::log_time::Window;
use crate::end::End;
use crate::output::Output;
use crate::stop::StopReason;

const PIECE: usize = 64 * 1024;

/// An open file, and what of it is wanted.
#[derive(Debug)]
pub(super) struct Source {
    file: File,
    part: Part,
    decoder: Decoder,
}

/// What is wanted of a file.
#[derive(Debug)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// Its last lines.
    LastLines(u32),
    /// The lines of a time window.
    #[cfg_attr(windows, expect(dead_code, reason = "logs are no files there"))]
    Window(Window),
}

impl Source {
    /// `part` of `file`.
    pub(super) fn new(file: File, part: Part) -> Self {
        Self {
            file,
            part,
            decoder: Decoder::new(Encoding::Bytes),
        }
    }

    /// Reads it into the output.
    pub(super) async fn run(mut self, output: &mut Output) -> End {
        match self.find_start().await {
            Ok(encoding) => self.decoder = Decoder::new(encoding),
            Err(e) => return End::failed(format!("Its beginning or end could not be found: {e}.")),
        }
        match self.pump(output).await {
            Ok(Ok(())) => self.verdict(),
            Ok(Err(e)) => End::failed(format!("Reading stopped before the end: {e}.")),
            Err(reason) => reason.into(),
        }
    }

    /// Finds out the encoding, and moves to where reading begins.
    async fn find_start(&self) -> io::Result<Encoding> {
        // The clone shares its place in the file with the original.
        let mut file = self.file.try_clone()?;
        let lines = match &self.part {
            Part::LastLines(lines) => Some(*lines),
            Part::Whole | Part::Window(_) => None,
        };
        let find = move || {
            let encoding = encoding_of(&mut file)?;
            match lines {
                Some(lines) => seek_last_lines(&mut file, lines, encoding)?,
                None => {
                    file.seek(SeekFrom::Start(encoding.mark()))?;
                }
            }
            Ok(encoding)
        };
        tokio::task::spawn_blocking(find).await.map_err(io::Error::other)?
    }

    fn verdict(&self) -> End {
        match &self.part {
            Part::Window(window) if window.saw_no_time() => End::failed(
                "None of its lines carries a time that the agent can read, so it can't tell which are recent. Use file.tail for it.",
            ),
            Part::Whole | Part::LastLines(_) | Part::Window(_) => End::succeeded(),
        }
    }

    async fn pump(&mut self, output: &mut Output) -> Result<io::Result<()>, StopReason> {
        // A file that grows while it is read is read to where it ended when reading began; a log could go on for ever.
        let mut left = self.extent();
        loop {
            let want = left.map_or(PIECE, |n| usize::try_from(n).unwrap_or(PIECE).min(PIECE));
            let piece = match self.read_piece(want).await {
                Ok(piece) => piece,
                Err(e) => return Ok(Err(e)),
            };
            let ended = piece.is_empty();
            left = left.map(|n| n.saturating_sub(piece.len() as u64));
            let text = self.decoder.decode(piece, ended);
            let wanted = match &mut self.part {
                Part::Window(window) => window.pick(&text, ended),
                Part::Whole | Part::LastLines(_) => text,
            };
            output.push(Stream::Stdout, Raw::new(&wanted), wanted.len()).await?;
            if output.due().is_some_and(|due| due <= Instant::now()) {
                output.flush().await?;
            }
            if ended {
                return Ok(Ok(()));
            }
        }
    }

    /// Bytes from here to the end as it is now; none for files that don't know their size, as in /proc.
    fn extent(&mut self) -> Option<u64> {
        let size = self.file.metadata().ok()?.len();
        let at = self.file.stream_position().ok()?;
        (size > 0).then(|| size.saturating_sub(at))
    }

    async fn read_piece(&mut self, want: usize) -> io::Result<Vec<u8>> {
        let mut file = self.file.try_clone()?;
        let read = move || {
            let mut piece = vec![0; want];
            let got = file.read(&mut piece)?;
            piece.truncate(got);
            Ok(piece)
        };
        if want == 0 {
            Ok(vec![])
        } else {
            tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
        }
    }
}

/// The encoding by the mark at the file's beginning; a file that does not know its size (as in /proc) has none.
fn encoding_of(file: &mut File) -> io::Result<Encoding> {
    if file.metadata()?.len() == 0 {
        return Ok(Encoding::Bytes);
    }
    let mut head = vec![];
    file.seek(SeekFrom::Start(0))?;
    (&mut *file).take(3).read_to_end(&mut head)?;
    Ok(Encoding::of(&head))
}

/// Moves to where the last `lines` lines begin, reading backwards from the end.
fn seek_last_lines(file: &mut File, lines: u32, encoding: Encoding) -> io::Result<()> {
    let size = file.seek(SeekFrom::End(0))?;
    if size == 0 {
        // It does not know its size (as in /proc): counted from the front.
        return seek_last_lines_forward(file, lines);
    }
    let (mark, unit) = (encoding.mark().min(size), encoding.unit() as u64);
    // Where the last whole unit ends; the half of one belongs to the last line.
    let end = size - (size - mark) % unit;
    let (mut at, mut missing) = (end, u64::from(lines));
    let mut piece = vec![0; PIECE];
    while at > mark {
        let len = usize::try_from(at - mark).unwrap_or(PIECE).min(PIECE);
        at -= len as u64;
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut piece[..len])?;
        for (i, bytes) in piece[..len].chunks(encoding.unit()).enumerate().rev() {
            let behind = at + (i as u64 + 1) * unit;
            // A line feed that ends the file begins no line.
            if encoding.is_line_feed(bytes) && behind < size {
                missing -= 1;
                if missing == 0 {
                    file.seek(SeekFrom::Start(behind))?;
                    return Ok(());
                }
            }
        }
    }
    file.seek(SeekFrom::Start(mark))?;
    Ok(())
}

fn seek_last_lines_forward(file: &mut File, lines: u32) -> io::Result<()> {
    let mut text = vec![];
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut text)?;
    let ends: Vec<usize> = text
        .iter()
        .enumerate()
        .filter(|(i, b)| **b == b'\n' && i + 1 < text.len())
        .map(|(i, _)| i + 1)
        .collect();
    let start = ends.len().checked_sub(lines as usize).map_or(0, |skip| ends[skip]);
    file.seek(SeekFrom::Start(start as u64))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn tail(text: &[u8], lines: u32) -> Vec<u8> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        let encoding = encoding_of(&mut file).unwrap();
        seek_last_lines(&mut file, lines, encoding).unwrap();
        let mut rest = vec![];
        file.read_to_end(&mut rest).unwrap();
        rest
    }

    #[test]
    fn the_last_lines_are_found_from_the_end() {
        assert_eq!(tail(b"a\nb\nc\n", 2), b"b\nc\n");
        assert_eq!(tail(b"a\nb\nc", 2), b"b\nc");
        assert_eq!(tail(b"a\nb\nc\n", 9), b"a\nb\nc\n");
        assert_eq!(tail(b"\n\n\n", 1), b"\n");
        assert_eq!(tail(b"", 1), b"");
        let long = format!("first\n{}\nlast\n", "x".repeat(3 * PIECE));
        assert_eq!(tail(long.as_bytes(), 2).len(), 3 * PIECE + 6);
        assert_eq!(tail(long.as_bytes(), 3), long.as_bytes());
    }

    /// R11: lines of UTF-16 are counted by their units, not by bytes that happen to be those of a line feed.
    #[test]
    fn the_last_lines_of_utf_16_are_found() {
        let text = "first\r\nਊ second\r\nlast\r\n";
        let le = |t: &str| t.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let be = |t: &str| t.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        for (lines, rest) in [(1, "last\r\n"), (2, "ਊ second\r\nlast\r\n"), (3, text), (9, text)] {
            assert_eq!(
                tail(&[&[0xff, 0xfe], &le(text)[..]].concat(), lines),
                le(rest),
                "{lines}"
            );
            assert_eq!(
                tail(&[&[0xfe, 0xff], &be(text)[..]].concat(), lines),
                be(rest),
                "{lines}"
            );
        }
        assert_eq!(
            tail(&[&[0xff, 0xfe], &le("a\nb")[..], b"x"].concat(), 1),
            [&le("b")[..], b"x"].concat()
        );
        assert_eq!(tail(b"\xef\xbb\xbfa\nb\n", 2), b"a\nb\n");
        let long = "x".repeat(2 * PIECE);
        assert_eq!(
            tail(&[&[0xff, 0xfe], &le(&format!("a\n{long}\nb"))[..]].concat(), 2),
            le(&format!("{long}\nb"))
        );
    }

    #[test]
    fn a_file_without_a_size_is_counted_from_the_front() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"a\nb\nc\n").unwrap();
        for (lines, rest) in [(1, "c\n"), (2, "b\nc\n"), (9, "a\nb\nc\n")] {
            seek_last_lines_forward(&mut file, lines).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, rest);
        }
    }
}
