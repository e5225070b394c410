//! Stands in for `powershell.exe` and `pwsh.exe` in the tests under Wine, where there is none. It takes apart what the agent
//! gives a shell, as strictly as it can: the switches, the encoding, the agent's own text around the script, the script's
//! quotation. Then it plays what `tests/powershell/fixtures.json`, which was written by hand, says for a script of that
//! SHA-256. Whatever it does not know fails loudly.
//!
//! It says nothing about what a real PowerShell does; `run::windows::powershell` says what is believed of it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is there for its output")]

use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::digest::Digest;
use serde::Deserialize;

const FIXTURES: &str = include_str!("../tests/powershell/fixtures.json");

const SWITCHES: [&str; 6] = [
    "-NoLogo",
    "-NoProfile",
    "-NonInteractive",
    "-OutputFormat",
    "Text",
    "-EncodedCommand",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixtures {
    about: String,
    fixtures: Vec<Fixture>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    sha256: Digest,
    script: Option<String>,
    stdout: String,
    stderr: String,
    exit: u8,
    /// Whether the shell comes as far as the agent's last words.
    shows_end: bool,
}

/// What the agent's text says.
struct Asked {
    script: String,
    sentinel: String,
    nonce: String,
}

fn main() -> ExitCode {
    match play() {
        Ok(code) => code,
        Err(why) => {
            eprintln!("powershell-stand-in: {why}");
            ExitCode::FAILURE
        }
    }
}

fn play() -> Result<ExitCode, String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [switches @ .., encoded] = &args[..] else {
        return Err("no arguments".into());
    };
    if switches != SWITCHES {
        return Err(format!("unknown switches: {switches:?}"));
    }
    let asked = asked(&decode(encoded)?)?;
    let fixture = fixture(&asked.script)?;
    print!("{}", fixture.stdout);
    eprint!("{}", fixture.stderr);
    if fixture.shows_end {
        std::fs::write(&asked.sentinel, format!("{}\r\n", asked.nonce)).map_err(|e| format!("the sentinel: {e}"))?;
    }
    Ok(ExitCode::from(fixture.exit))
}

fn decode(encoded: &str) -> Result<String, String> {
    let bytes = STANDARD.decode(encoded).map_err(|e| format!("not base64: {e}"))?;
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("not UTF-16: half a unit at the end".into());
    }
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    String::from_utf16(&units).map_err(|e| format!("not UTF-16: {e}"))
}

/// Takes the agent's text apart, from both ends.
fn asked(command: &str) -> Result<Asked, String> {
    let rest = after(command, "$ProgressPreference = 'SilentlyContinue'\n")?;
    let rest = after(
        rest,
        "try { [Console]::OutputEncoding = $OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }\n",
    )?;
    let rest = after(rest, "try { Microsoft.PowerShell.Utility\\Invoke-Expression -Command ")?;
    let file = "(Microsoft.PowerShell.Management\\Get-Content -Raw -Encoding UTF8 -LiteralPath ";
    let (script, rest) = match rest.strip_prefix(file) {
        Some(rest) => {
            let (path, rest) = literal(rest)?;
            let script = std::fs::read_to_string(&path).map_err(|e| format!("{path}: {e}"))?;
            (script, after(rest, ")")?)
        }
        None => literal(rest)?,
    };
    let rest = after(
        rest,
        " }\nfinally { Microsoft.PowerShell.Management\\Set-Content -LiteralPath ",
    )?;
    let (sentinel, rest) = literal(rest)?;
    let (nonce, rest) = literal(after(rest, " -Value ")?)?;
    if rest != " -Encoding Ascii }\n" {
        return Err(format!("unknown end: {rest:?}"));
    }
    Ok(Asked {
        script,
        sentinel,
        nonce,
    })
}

fn after<'a>(text: &'a str, expected: &str) -> Result<&'a str, String> {
    text.strip_prefix(expected).ok_or_else(|| {
        format!(
            "expected {expected:?} and not {:?}",
            text.chars().take(200).collect::<String>()
        )
    })
}

/// Reads a quoted literal as PowerShell does: any of its five marks ends it, unless two stand together.
fn literal(text: &str) -> Result<(String, &str), String> {
    let is_mark = |c: char| matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
    let inside = after(text, "'")?;
    let mut value = String::new();
    let mut chars = inside.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !is_mark(c) {
            value.push(c);
            continue;
        }
        match chars.next_if(|(_, next)| is_mark(*next)) {
            Some((_, second)) => value.push(second),
            None => return Ok((value, &inside[at + c.len_utf8()..])),
        }
    }
    Err("a literal without an end".into())
}

fn fixture(script: &str) -> Result<Fixture, String> {
    let all: Fixtures = serde_json::from_str(FIXTURES).map_err(|e| format!("the fixtures: {e}"))?;
    if !all.about.starts_with("Written by hand") {
        return Err("the fixtures don't say where they come from".into());
    }
    let of = |text: &str| Digest::of(&[text.as_bytes()]);
    if let Some(wrong) = all
        .fixtures
        .iter()
        .find(|f| f.script.as_ref().is_some_and(|text| of(text) != f.sha256))
    {
        return Err(format!("a fixture is not of its script: {}", wrong.sha256));
    }
    let digest = of(script);
    all.fixtures
        .into_iter()
        .find(|f| f.sha256 == digest)
        .ok_or_else(|| format!("no fixture for the script {digest}: {script:?}"))
}
