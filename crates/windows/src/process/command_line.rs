//! Arguments as one command line. Windows gives programs a single text, which each takes apart for itself; nearly all do as
//! Microsoft's C runtime does, and this is written so that it gets the arguments back exactly.

use windows_sys::Win32::Foundation::{ERROR_FILENAME_EXCED_RANGE, ERROR_INVALID_PARAMETER};

use crate::error::WinError;

/// The most UTF-16 units that a command line may have, without the zero at its end.
pub const LONGEST: usize = 32_766;

/// The command line by which `program` gets exactly `args`. Not for `cmd`, which has rules of its own.
///
/// # Errors
/// When it would be longer than [`LONGEST`], or something in it can't stand in a command line.
pub fn command_line(program: &str, args: &[String]) -> Result<String, WinError> {
    // The program's name is taken apart by other rules, in which a quotation mark has no way to stand.
    if program.contains(['"', '\0']) || args.iter().any(|a| a.contains('\0')) {
        return Err(WinError::new("CreateProcessW", ERROR_INVALID_PARAMETER));
    }
    let mut line = format!("\"{program}\"");
    for arg in args {
        line.push(' ');
        push(&mut line, arg);
    }
    if line.encode_utf16().count() > LONGEST {
        return Err(WinError::new("CreateProcessW", ERROR_FILENAME_EXCED_RANGE));
    }
    Ok(line)
}

fn push(line: &mut String, arg: &str) {
    if !arg.is_empty() && !arg.contains([' ', '\t', '\n', '\u{b}', '"']) {
        return line.push_str(arg);
    }
    line.push('"');
    let mut backslashes = 0;
    for c in arg.chars() {
        match c {
            '\\' => backslashes += 1,
            // Before a quotation mark backslashes count double, and one more takes its meaning from it.
            '"' => {
                line.extend(std::iter::repeat_n('\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        line.push(c);
    }
    // The mark that ends the argument counts as one, too.
    line.extend(std::iter::repeat_n('\\', backslashes));
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_as_the_c_runtime_reads_them() {
        let args = |list: &[&str]| list.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>();
        let line = command_line(
            r"C:\a b\c.exe",
            &args(&["x", "", "a b", r#"q"q"#, r"d\", r"e f\", r#"\"\\"#]),
        )
        .unwrap();
        assert_eq!(line, r#""C:\a b\c.exe" x "" "a b" "q\"q" d\ "e f\\" "\\\"\\\\""#);
        assert!(command_line("a\"b", &[]).is_err() && command_line("a", &args(&["\0"])).is_err());
        let long = |n| command_line("p", &["x".repeat(n)]);
        assert_eq!(long(LONGEST - 4).unwrap().len(), LONGEST);
        assert!(long(LONGEST - 3).is_err());
    }
}
