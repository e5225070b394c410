//! How a script gets to PowerShell, and how it shows that it ran to its end.
//!
//! The shell is given a text of the agent's own, `-EncodedCommand`, which sets how output is encoded, turns off progress
//! bars (they would come as text), and then has PowerShell run the approved text, nothing else: it stands in it as one
//! quoted literal, so that it is parsed by itself, as if it were typed. When the script came to its end, by `exit` or by an
//! error too, the shell writes a number that nobody could guess to a file of the agent's. No number, and the script did not
//! run to its end, whatever the shell's exit code says: some programs are called powershell.exe, print nothing and exit
//! with 0.
//!
//! The exit code is that of `-File`: what the script gives to `exit`, 1 when an error ended it, and 0 otherwise.
//!
//! Deliberately absent: anything that changes what the script means, such as `$ErrorActionPreference` or an execution
//! policy.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The switches; the encoded text follows.
const SWITCHES: &str = "-NoLogo -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand";

/// Where the script's text is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'a> {
    /// In the command.
    Inside(&'a str),
    /// In a file, as UTF-8, because it is too long for a command line.
    File(&'a Path),
}

/// The shell's command line.
pub(super) fn command_line(shell: &str, text: Text<'_>, sentinel: &Path, nonce: &str) -> String {
    format!("\"{shell}\" {SWITCHES} {}", encode(&prologue(text, sentinel, nonce)))
}

/// The agent's own text around the script.
fn prologue(text: Text<'_>, sentinel: &Path, nonce: &str) -> String {
    let script = match text {
        Text::Inside(text) => quote(text),
        Text::File(path) => format!(
            "(Microsoft.PowerShell.Management\\Get-Content -Raw -Encoding UTF8 -LiteralPath {})",
            quote(&path.display().to_string())
        ),
    };
    let sentinel = quote(&sentinel.display().to_string());
    format!(
        "$ProgressPreference = 'SilentlyContinue'\n\
         try {{ [Console]::OutputEncoding = $OutputEncoding = [Text.UTF8Encoding]::new($false) }} catch {{ }}\n\
         try {{ Microsoft.PowerShell.Utility\\Invoke-Expression -Command {script} }}\n\
         finally {{ Microsoft.PowerShell.Management\\Set-Content -LiteralPath {sentinel} -Value '{nonce}' -Encoding Ascii }}\n"
    )
}

/// A literal that PowerShell reads as exactly this text. It takes five characters for single quotation marks.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        quoted.push(c);
        if matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            quoted.push(c);
        }
    }
    quoted.push('\'');
    quoted
}

/// UTF-16 as PowerShell wants its commands.
fn encode(text: &str) -> String {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R13: the command is the fixed text around the exact script, and the nonce is not in what could be printed by it.
    #[test]
    fn the_script_stands_in_the_command_as_one_literal() {
        let text = "'it''s' \u{2019}$x`n\r\n\"q\" é";
        let line = command_line(r"C:\p.exe", Text::Inside(text), Path::new(r"C:\a'b\end"), "00ff");
        let encoded = line
            .strip_prefix("\"C:\\p.exe\" -NoLogo -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand ")
            .unwrap();
        let units: Vec<u16> = STANDARD
            .decode(encoded)
            .unwrap()
            .chunks(2)
            .map(|b| u16::from_le_bytes([b[0], b[1]]))
            .collect();
        let command = String::from_utf16(&units).unwrap();
        assert!(
            command.contains("-Command '''it''''s'' \u{2019}\u{2019}$x`n\r\n\"q\" é' }\n"),
            "{command}"
        );
        assert!(
            command.contains(r"-LiteralPath 'C:\a''b\end' -Value '00ff'"),
            "{command}"
        );
        assert!(!command.contains("ErrorActionPreference"));
        let file = command_line("p", Text::File(Path::new(r"C:\s.txt")), Path::new("e"), "0");
        assert!(file.len() < 2000);
    }
}
