//! Which characters a view folds or drops, and how long escape sequences are (R33).

use crate::matches::starts_with_placeholder;
use crate::vector::Vectors;

/// Stands for a letter outside ASCII.
pub(crate) const LETTER: u8 = 0x80;
/// Stands for any other character outside ASCII.
pub(crate) const SYMBOL: u8 = 0x81;
/// Stands for an ellipsis, with which a table's column ends that was cut.
pub(crate) const ELLIPSIS: u8 = 0x82;
/// Longest control sequence (`ESC [ … m`) taken for one, in bytes.
const CSI_MAX: usize = 40;
/// Longest operating system command (`ESC ] … BEL`, such as a hyperlink) taken for one, in bytes.
const OSC_MAX: usize = 512;

/// Whether `b` cannot be copied as it is: control characters other than white space, and anything outside ASCII.
pub(crate) const fn is_special(b: u8) -> bool {
    (b.wrapping_sub(0x20) >= 0x5f) & (b.wrapping_sub(9) >= 5)
}

/// The first byte at or after `from` that [`is_special`].
pub(crate) fn next_special(bytes: &[u8], from: usize) -> usize {
    let at = from + Vectors::best().plain(&bytes[from..]);
    bytes[at..]
        .iter()
        .position(|&b| is_special(b))
        .map_or(bytes.len(), |i| at + i)
}

/// What a character counts as, or `None` where it is invisible.
pub(crate) fn folded(c: char) -> Option<u8> {
    let byte = match c {
        '\t'..='\r' | ' '..='~' => c as u8,
        '\0'..='\u{9f}' => return None,
        // Soft hyphen, joiners, directional marks, variation selectors, byte order mark.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => return None,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => b' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => b'-',
        '\u{ff01}'..='\u{ff5e}' => (c as u32 - 0xfee0) as u8,
        '•' => SYMBOL,
        '…' => ELLIPSIS,
        // Arabic-Indic, extended Arabic-Indic, Devanagari and mathematical digits.
        '\u{660}'..='\u{669}' => digit(c, 0x660),
        '\u{6f0}'..='\u{6f9}' => digit(c, 0x6f0),
        '\u{966}'..='\u{96f}' => digit(c, 0x966),
        '\u{1d7ce}'..='\u{1d7ff}' => digit(c, 0x1d7ce),
        _ if c.is_alphabetic() => LETTER,
        _ => SYMBOL,
    };
    Some(byte)
}

fn digit(c: char, zero: u32) -> u8 {
    b'0' + ((c as u32 - zero) % 10) as u8
}

/// How many bytes the escape sequence at the start of `bytes` has (ECMA-48 5.4, 8.3.89; xterm's string terminators).
/// What is not one counts as the escape character alone, and so does what has a bracket in it: it could be a placeholder's, or lead into one.
pub(crate) fn sequence_len(text: &str, introducer: char) -> usize {
    let bytes = text.as_bytes();
    let alone = introducer.len_utf8();
    if starts_with_placeholder(&text[alone..]) {
        return alone;
    }
    let (kind, body) = match (introducer, bytes.get(1)) {
        ('\u{9b}', _) => (b'[', 2),
        (_, Some(&kind)) => (kind, 2),
        (_, None) => return alone,
    };
    match kind {
        b'[' => {
            let params = bytes[body..]
                .iter()
                .take(CSI_MAX)
                .take_while(|b| (0x20..0x40).contains(*b))
                .count();
            match bytes.get(body + params) {
                Some(b) if is_final(*b) => body + params + 1,
                _ => alone,
            }
        }
        b']' => {
            let text = bytes[body..]
                .iter()
                .take(OSC_MAX)
                .take_while(|b| !matches!(**b, 7 | 0x1b | b'\n' | b'[' | b']'))
                .count();
            match (bytes.get(body + text), bytes.get(body + text + 1)) {
                (Some(7), _) => body + text + 1,
                (Some(0x1b), Some(b'\\')) => body + text + 2,
                _ => alone,
            }
        }
        b' '..=b'/' if bytes.get(2).is_some_and(|b| is_final(*b)) => 3,
        b'0'..=b'Z' | b'\\' | b'^'..=b'~' => 2,
        _ => alone,
    }
}

/// Whether a byte ends a control sequence.
fn is_final(b: u8) -> bool {
    (b'0'..=b'~').contains(&b) && !matches!(b, b'[' | b']')
}
