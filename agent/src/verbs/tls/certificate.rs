//! One certificate in plain words. What stands in it was written by whoever made it, so it is escaped to stay on its line.

use std::net::IpAddr;

use domain::digest::Digest;
use domain::timestamp::Timestamp;
use gate::escape;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{ASN1Time, FromDer, X509Certificate};

const DAY: i64 = 86_400;

/// The most names that are listed.
const NAMES: usize = 100;

/// Subject, issuer, names, validity, fingerprint: one a line.
pub(super) fn tell(der: &[u8], now: Timestamp) -> String {
    let fingerprint = ("SHA-256", Digest::of(&[der]).to_string());
    let mut facts = match X509Certificate::from_der(der) {
        Ok((_, certificate)) => facts(&certificate, now),
        Err(_) => vec![(
            "Content",
            "can't be read: it is not a certificate as X.509 has it".into(),
        )],
    };
    facts.push(fingerprint);
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    facts
        .iter()
        .map(|(name, fact)| format!("  {name:width$}  {}\n", escape::line(fact)))
        .collect()
}

fn facts(certificate: &X509Certificate<'_>, now: Timestamp) -> Vec<(&'static str, String)> {
    let validity = certificate.validity();
    let mut facts = vec![
        ("Subject", certificate.subject().to_string()),
        ("Issuer", certificate.issuer().to_string()),
    ];
    if let Some(names) = names(certificate) {
        facts.push(("Names", names));
    }
    facts.push((
        "Valid",
        format!(
            "{} to {} ({})",
            time(validity.not_before),
            time(validity.not_after),
            left(validity.not_before.timestamp(), validity.not_after.timestamp(), now)
        ),
    ));
    facts
}

fn names(certificate: &X509Certificate<'_>) -> Option<String> {
    let extension = certificate.subject_alternative_name().ok().flatten()?;
    let all = &extension.value.general_names;
    let mut names: Vec<String> = all.iter().take(NAMES).map(name).collect();
    if all.len() > NAMES {
        names.push(format!("and {} more", all.len() - NAMES));
    }
    Some(names.join(", "))
}

fn name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => (*text).to_owned(),
        GeneralName::IPAddress(bytes) => address(bytes),
        GeneralName::DirectoryName(name) => name.to_string(),
        GeneralName::OtherName(..)
        | GeneralName::X400Address(_)
        | GeneralName::EDIPartyName(_)
        | GeneralName::RegisteredID(_)
        | GeneralName::Invalid(..) => "a name of another kind".into(),
    }
}

fn address(bytes: &[u8]) -> String {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let sixteen = || <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| sixteen())
        .map_or_else(|_| "an address that can't be read".into(), |a| a.to_string())
}

/// A time for people, also one beyond what a timestamp holds.
fn time(at: ASN1Time) -> String {
    at.timestamp()
        .checked_mul(1_000_000_000)
        .map_or_else(|| at.to_string(), |nanos| Timestamp(nanos).for_people())
}

/// How long it holds, or held.
fn left(from: i64, to: i64, now: Timestamp) -> String {
    let now = now.millis() / 1000;
    let days = |seconds: i64| match seconds / DAY {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        n => format!("{n} days"),
    };
    if now < from {
        format!("begins in {}", days(from - now))
    } else if now > to {
        format!("ended {} ago", days(now - to))
    } else {
        format!("ends in {}", days(to - now))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    #[test]
    fn how_long_it_holds_is_told() {
        let now = Timestamp(1_000_000 * 1_000_000_000);
        for (from, to, says) in [
            (0, 1_000_000 + 3 * DAY, "ends in 3 days"),
            (0, 1_000_001, "ends in less than a day"),
            (0, 1_000_000 - DAY, "ended 1 day ago"),
            (1_000_000 + 2 * DAY, i64::MAX, "begins in 2 days"),
        ] {
            assert_eq!(left(from, to, now), says);
        }
    }

    #[test]
    fn what_is_no_certificate_is_told_with_its_fingerprint() {
        let text = tell(b"abc", Timestamp::default());
        assert!(
            text.contains("can't be read")
                && text.contains("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            "{text}"
        );
    }

    #[test]
    fn addresses_are_written_as_people_do() {
        assert_eq!(address(&[192, 0, 2, 7]), "192.0.2.7");
        assert_eq!(address(&[0; 16]), "::");
        assert_eq!(address(&[1, 2]), "an address that can't be read");
    }

    /// A certificate with names of all kinds.
    fn der() -> Vec<u8> {
        let names = [
            "gw.example.com".to_owned(),
            "192.0.2.7".to_owned(),
            "2001:db8::1".to_owned(),
        ];
        let mut params = CertificateParams::new(names).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "gw\u{202e}\n  Valid  for ever");
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    proptest! {
        /// R25: whatever a host sends for its certificate, it is told in lines of ours, with nothing hidden in them.
        #[test]
        fn nothing_in_a_certificate_leaves_its_line(
            changes in prop::collection::vec((any::<usize>(), any::<u8>(), 0..3_u8), 0..5),
        ) {
            let mut bytes = der();
            for (at, byte, how) in changes {
                let at = at % bytes.len();
                match how {
                    0 => bytes[at] = byte,
                    1 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, byte),
                }
            }
            let text = tell(&bytes, Timestamp(1_800_000_000_000_000_000));
            let known = ["Subject", "Issuer", "Names", "Valid", "Content", "SHA-256"];
            for line in text.lines() {
                prop_assert!(known.iter().any(|k| line.trim_start().starts_with(k)), "{:?}", line);
                prop_assert!(line.starts_with("  ") && !line.chars().any(escape::is_hidden), "{:?}", line);
            }
        }
    }
}
