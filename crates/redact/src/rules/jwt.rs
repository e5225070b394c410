//! JSON Web Tokens (RFC 7519): base64url parts joined by dots, the first starting `eyJ`, that is `{"`.

use domain::finding::FindingKind;

use super::text::{before, byte, run};
use crate::matches::Match;
use crate::rule::Rule;

pub(crate) const RULES: &[Rule] = &[Rule {
    examples: &["Bearer «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P»"],
    counter_examples: &["eyJhbGciOiJIUzI1NiJ9", "keyJson.value.other", "eyJ.eyJ.eyJ"],
    ..Rule::certain(
        "jwt.token",
        FindingKind::Jwt,
        "three parts of base64url, the first of them JSON",
    )
}];

/// Whether `b` can be in a token; what `stream` goes on dropping after a token that was longer than its window.
pub(crate) fn in_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'=' | b'+' | b'/')
}

/// Looks for a token at `start`. Where more of the line is to come (`open_end`), one that runs to the end of the text is
/// taken for a token after its first dot.
pub(crate) fn token(bytes: &[u8], start: usize, open_end: bool) -> Option<Match> {
    let part = |at: usize| {
        run(bytes, at, usize::MAX, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
        })
    };
    let prev = before(bytes, start);
    if prev.is_ascii_alphanumeric() || matches!(prev, b'-' | b'_') {
        return None;
    }
    let header = part(start);
    if header < 10 || byte(bytes, start + header) != b'.' {
        return None;
    }
    let payload_at = start + header + 1;
    let payload = part(payload_at);
    let mut end = payload_at + payload;
    let found = |end| Match::new(FindingKind::Jwt, "jwt.token", start..end);
    // Behind a dot it is the second part of something that was no token when it was looked at from its start.
    if open_end && end == bytes.len() && prev != b'.' {
        return Some(found(end));
    }
    if payload < 2 || byte(bytes, end) != b'.' {
        return None;
    }
    // The signature, or an encrypted token's three further parts (RFC 7516).
    for _ in 0..3 {
        if byte(bytes, end) != b'.' {
            break;
        }
        let len = part(end + 1);
        end += 1 + len;
    }
    Some(found(end))
}
