//! Words and calls that must not appear, each with where it is looked for and why it is wrong.
//!
//! The words are written in two parts here, so that this file can be checked like every other.

use crate::tidy::walk;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// From this many lines on a file is named in a note.
const LONG: usize = 400;

/// A file as the rules see it: its path from the root with `/`, and its text.
pub(crate) type Source = (String, String);

/// Something that must not be in the text of some files.
struct Ban {
    /// Any of these.
    words: &'static [&'static str],
    /// Path prefixes to look below; empty means everywhere.
    below: &'static [&'static str],
    /// Path prefixes that are free to use it, with the reason beside each.
    except: &'static [(&'static str, &'static str)],
    /// The word must not continue a longer one: no letter, digit or dot may stand before it.
    at_start: bool,
    why: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        words: &[concat!("inner_", "html")],
        below: &["app/", "frontend/", "server/"],
        except: &[],
        at_start: false,
        why: "untrusted text may only become text nodes",
    },
    Ban {
        words: &[
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("to", "do!("),
            concat!("unimpl", "emented!("),
        ],
        below: &[],
        except: &[],
        at_start: true,
        why: "finish it, or say in an issue what is missing",
    },
    Ban {
        words: &[
            concat!("#[ign", "ore"),
            concat!("test.sk", "ip("),
            concat!("test.on", "ly("),
            concat!("it.sk", "ip("),
            concat!("it.on", "ly("),
            concat!("sk", "ip: true"),
        ],
        below: &[],
        except: &[],
        at_start: false,
        why: "a test that does not run proves nothing",
    },
    Ban {
        words: &[concat!("/wo", "rk/"), concat!("/ro", "ot/")],
        below: &[],
        except: &[("crates/gate/", "the superuser's home is a place that its rules know")],
        at_start: true,
        why: "a path of one machine",
    },
    Ban {
        words: &[concat!("Raw::exp", "ose"), concat!(".exp", "ose()")],
        below: &[],
        except: &[
            ("crates/redact/", "turns raw into redacted: the one way onwards"),
            ("crates/domain/src/sensitive.rs", "defines it"),
            (
                "agent/src/decode.rs",
                "a program's bytes become text, which is raw again until output/gathered.rs has it redacted",
            ),
            (
                "agent/src/output/gathered.rs",
                "decoded text goes into the redactor, which takes bytes",
            ),
            (
                "crates/engine/src/people.rs",
                "a password goes into its argon2id hash and no further",
            ),
            (
                "crates/engine/src/shares/passcode.rs",
                "a passcode's characters are counted before people.rs hashes it",
            ),
            (
                "crates/engine/src/accounts/links.rs",
                "a one-time link goes into its hash, a password to people.rs",
            ),
        ],
        at_start: false,
        why: "what comes out of Raw must go to crates/redact; another place needs its reason in tidy/text.rs",
    },
    Ban {
        words: &[
            concat!("cra", "tes.io"),
            concat!("npm", "js.org"),
            concat!("npm", "js.com"),
            concat!("yarn", "pkg.com"),
            concat!("py", "pi.org"),
            concat!("deb.deb", "ian.org"),
            concat!("static.ru", "st-lang.org"),
        ],
        below: &[],
        except: &[
            ("Cargo.lock", "cargo writes the default registry's name there"),
            ("fuzz/Cargo.lock", "the same, where somebody has run the fuzz targets"),
        ],
        at_start: false,
        why: "package clients know their registries; a host name here would override a mirror",
    },
];

/// Every text file of the checkout. Files that are not UTF-8 (pictures, golden bytes) have no words.
pub(crate) fn read(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for file in walk::files(root)? {
        let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let name = file
            .strip_prefix(root)
            .context("a file outside the root")?
            .to_string_lossy()
            .replace('\\', "/");
        if !name.ends_with(".log") {
            sources.extend(String::from_utf8(bytes).ok().map(|text| (name, text)));
        }
    }
    sources.sort();
    Ok(sources)
}

/// Every place that breaks a rule, as `file:line: word (why)`.
pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .flat_map(|(name, text)| BANS.iter().flat_map(move |ban| places(ban, name, text)))
        .collect()
}

/// Files that are long for code written by hand, longest first.
pub(crate) fn long(sources: &[Source]) -> Vec<(&str, usize)> {
    let by_hand = |name: &str| {
        [".rs", ".css", ".mjs", ".js", ".sh"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let mut long: Vec<(&str, usize)> = sources
        .iter()
        .filter(|(name, _)| by_hand(name))
        .map(|(name, text)| (name.as_str(), text.lines().count()))
        .filter(|(_, lines)| *lines > LONG)
        .collect();
    long.sort_by_key(|(_, lines)| std::cmp::Reverse(*lines));
    long
}

fn places(ban: &Ban, name: &str, text: &str) -> Vec<String> {
    let looked_at = ban.below.is_empty() || ban.below.iter().any(|prefix| name.starts_with(prefix));
    if !looked_at || ban.except.iter().any(|(prefix, _)| name.starts_with(prefix)) {
        return Vec::new();
    }
    let mut places = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for word in ban.words.iter().filter(|word| has(line, word, ban.at_start)) {
            places.push(format!("{name}:{}: {word} ({})", number + 1, ban.why));
        }
    }
    places
}

fn has(line: &str, word: &str, at_start: bool) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !(at_start && before.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> usize {
        check(&[(name.to_owned(), text.to_owned())]).len()
    }

    #[test]
    fn each_rule_finds_what_it_bans_where_it_bans_it() {
        let html = format!("<div {}={{x}}/>", BANS[0].words[0]);
        assert_eq!((found("app/src/page.rs", &html), found("docs/views.md", &html)), (1, 0));
        let later = format!("fn a() {{}}\n// {}: b", BANS[1].words[0]);
        assert_eq!(
            check(&[("agent/src/x.rs".into(), later)])[0].split(' ').next(),
            Some("agent/src/x.rs:2:")
        );
        assert_eq!(found("a.rs", &format!("{}]", BANS[2].words[0])), 1);
        assert_eq!(found("README.md", &format!("see {}main", BANS[3].words[0])), 1);
        let raw = format!("raw{}", BANS[4].words[1]);
        assert_eq!(
            (found("server/src/x.rs", &raw), found("crates/redact/src/x.rs", &raw)),
            (1, 0)
        );
        let host = format!("https://{}/", BANS[5].words[1]);
        assert_eq!(
            (
                found("end2end/package-lock.json", &host),
                found("Cargo.lock", BANS[5].words[0])
            ),
            (1, 0)
        );
    }

    #[test]
    fn every_banned_word_is_found_somewhere() {
        for ban in BANS {
            for word in ban.words {
                let name = format!("{}x", ban.below.first().copied().unwrap_or_default());
                assert!(found(&name, word) > 0, "{word}");
            }
        }
    }

    #[test]
    fn part_of_another_word_is_fine() {
        assert_eq!(found("a.rs", "frame/work/list, a./work/b, MASTODON"), 0);
        assert_eq!(found("a.rs", "raw.expose_nothing(), self.exposed()"), 0);
    }

    #[test]
    fn long_files_are_named_longest_first() {
        let files = [("a.rs", 401), ("b.rs", 900), ("c.rs", 400), ("Cargo.lock", 9_000)]
            .map(|(name, lines)| (name.to_owned(), "\n".repeat(lines)));
        assert_eq!(long(&files), [("b.rs", 900), ("a.rs", 401)]);
    }
}
