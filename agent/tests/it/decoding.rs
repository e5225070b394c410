//! What holds for all bytes, whoever made them. Used by the replays in `fuzz.rs` and by the libFuzzer targets in `/fuzz`.
//! Each says whether something in its input was taken.

use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use agent::data::{DataDir, write_atomically};
use agent::day_log::{self, DayLog};
use agent::decode::Decoder;
use agent::identity::Identity;
use agent::journal::{Journal, Taken};
use agent::link::LinkState;
use agent::local_policy::LocalPolicy;
use agent::server_url::ServerUrl;
use agent::settings::Settings;
use agent::spool::{LIMIT, Place, Spool, SpoolKey};
use agent::update::plan::Plan;
use domain::action::Command;
use domain::digest::Digest;
use domain::ids::ActionId;
use domain::sensitive::Raw;
use domain::timestamp::Timestamp;
use ed25519_dalek::SigningKey;
use redact::{Redacted, Redactor};
use wire::{Report, ReportBody, Stream};

const NOW: Timestamp = Timestamp(1_800_000_000_000_000_000);

/// Code pages, of which a stream's first byte picks one.
const PAGES: [u16; 6] = [437, 850, 932, 936, 1252, 65001];

/// What a program on Windows writes, decoded, unwrapped and redacted: the same text however the bytes are cut. The first two
/// bytes say code page and cuts.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn stream(bytes: &[u8]) -> bool {
    let [page, size, bytes @ ..] = bytes else {
        return false;
    };
    let page = PAGES[usize::from(*page) % PAGES.len()];
    let whole = read(page, std::iter::once(bytes));
    let cut = read(page, bytes.chunks(1 + usize::from(*size) % 37));
    assert!(cut == whole, "{:?} and {:?}", cut.text(), whole.text());
    !whole.text().is_empty()
}

fn read<'a>(page: u16, pieces: impl Iterator<Item = &'a [u8]>) -> Redacted {
    let settings = redact::Settings::default();
    let (mut decoder, mut redactor) = (Decoder::console(page), Redactor::new(&settings));
    let mut out = Redacted::default();
    for piece in pieces {
        out.append(redactor.push(decoder.push(Raw::new(piece)).borrowed()));
    }
    out.append(redactor.push(decoder.finish().borrowed()));
    out.append(redactor.finish());
    out
}

/// A file of the data folder. Its first line says which, what follows is in it: it is read or refused, and what is read means
/// the same at the next start.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn file(bytes: &[u8]) -> bool {
    let Some(end) = bytes.iter().position(|b| *b == b'\n') else {
        return false;
    };
    let (kind, content) = (&bytes[..end], &bytes[end + 1..]);
    let folder = tempfile::tempdir().expect("a folder");
    let data = DataDir::create(&folder.path().join("data")).expect("a folder");
    let write = |path: &Path| write_atomically(path, content).expect("a file");
    match kind {
        b"journal" => {
            write(&data.journal());
            journal(&data.journal(), content)
        }
        b"recent" => {
            write(&data.day_log());
            // Nothing depends on it, so nothing that stands in it keeps the agent from starting.
            drop(DayLog::open(&data.day_log(), NOW).expect("the agent starts"));
            let lines = day_log::read(&data.day_log()).expect("it was opened");
            drop(DayLog::open(&data.day_log(), NOW).expect("the agent starts again"));
            assert!(
                day_log::read(&data.day_log()).ok().as_ref() == Some(&lines),
                "read differently"
            );
            !day_log::latest(lines).is_empty()
        }
        b"identity" => {
            write(&data.identity());
            let taken = Identity::load(&data).is_ok_and(|identity| !identity.fingerprint().is_empty());
            // Windows seals the key, so that one in plain is never taken there.
            taken != cfg!(windows)
        }
        b"update" => {
            write(&data.update());
            Plan::load(&data).is_ok_and(|plan| {
                plan.save(&data).expect("a file");
                Plan::load(&data).expect("it was just written");
                true
            })
        }
        b"link" => {
            write(&data.link_state());
            LinkState::load(&data).is_some_and(|state| {
                state.save(&data);
                assert!(LinkState::load(&data) == Some(state), "read differently");
                true
            })
        }
        b"settings" => {
            write(&data.settings());
            let hosts = ["cs.example.com", "é", "", "2001:db8::1"];
            Settings::load(&data).is_ok_and(|settings| {
                let _ = hosts.map(|host| settings.proxy_for(host).map(|proxy| proxy.port));
                true
            })
        }
        b"certificates" => {
            write(&data.ca());
            Settings::load(&data).is_ok_and(|settings| settings.ca.is_some_and(|ca| !ca.is_empty()))
        }
        b"policy" => {
            write(&data.local_policy());
            policy(&data)
        }
        b"address" => String::from_utf8_lossy(content).parse::<ServerUrl>().is_ok_and(|url| {
            let again = url.as_str().parse::<ServerUrl>();
            assert!(again.as_ref() == Ok(&url), "{url} is read as {again:?}");
            assert!(
                url.is_encrypted() || is_this_machine(url.host()),
                "{url} is not encrypted"
            );
            true
        }),
        _ => false,
    }
}

/// Whoever damages the journal does not make an order run twice: it is refused and left as it is, or every order in it that
/// is not done stays taken.
fn journal(path: &Path, content: &[u8]) -> bool {
    let Ok(journal) = Journal::open(path, NOW) else {
        let left = std::fs::read(path).expect("a file");
        assert!(left == content, "a damaged journal was changed");
        return false;
    };
    let pending = |journal: &Journal| {
        let mut pending = journal.pending();
        pending.sort_unstable_by_key(|(action, _)| *action);
        pending
    };
    let before = pending(&journal);
    for (action, order) in &before {
        let other = Digest::of(&[b"another order"]);
        for order in [*order, other] {
            let taken = journal.take("not a nonce that an order has", *action, order, NOW);
            assert!(taken.expect("a file") != Taken::Fresh, "{action} would run twice");
        }
    }
    drop(journal);
    let kept = std::fs::read(path).expect("a file");
    let journal = Journal::open(path, NOW).expect("it was just written");
    assert!(pending(&journal) == before, "read differently");
    drop(journal);
    assert!(std::fs::read(path).expect("a file") == kept, "written differently");
    !before.is_empty()
}

fn policy(data: &DataDir) -> bool {
    let Ok(policy) = LocalPolicy::load(data) else {
        return false;
    };
    for command in [
        r#"{"verb":{"name":"file.tail","path":"/etc/hosts","lines":20}}"#,
        r#"{"verb":{"name":"net.probe","host":"gw.example.com","port":443}}"#,
        r#"{"script":{"shell":"sh","text":"id"}}"#,
    ] {
        let command: Command = serde_json::from_str(command).expect("a command");
        for resource in ["/etc/pos/a", "C:\\x", "sh"] {
            let _ = (policy.check(&command, NOW), policy.check_resource(&command, resource));
        }
    }
    true
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// An action's spool as the agent wrote it: its one file, and the reports in it.
struct Written {
    action: ActionId,
    segment: Vec<u8>,
    /// Where the first report's record is.
    first: Range<usize>,
    reports: Vec<Report>,
}

static WRITTEN: LazyLock<Written> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("spool");
    let action: ActionId = "01890000-0000-7000-8000-000000000001".parse().expect("an id");
    let spool = open(&root);
    let started = ReportBody::Started {
        at: NOW,
        resource: "sh".into(),
    };
    append(&spool, action, &[started]);
    for n in 0..6_usize {
        append(&spool, action, &[output(&"line\n".repeat(n)), output("x")]);
    }
    let segment = std::fs::read(segment(&root, action)).expect("a segment");
    let first = record_end(&segment, ID);
    Written {
        action,
        first: first..record_end(&segment, first),
        segment,
        reports: reports(&spool, action),
    }
});

/// Bytes before a segment's first record, and before and behind each record's text.
const ID: usize = 16;
const HEAD: usize = 4;
const TAG: usize = 16;

/// Where the record that begins at `at` ends.
fn record_end(segment: &[u8], at: usize) -> usize {
    let length = segment[at..].first_chunk::<HEAD>().expect("a record");
    at + HEAD + usize::try_from(u32::from_le_bytes(*length)).expect("a length") + TAG
}

fn open(root: &Path) -> Spool {
    let key = SpoolKey::of(&SigningKey::from_bytes(&[5; 32]));
    Spool::open(root, LIMIT, key).expect("whatever lies there, the agent starts")
}

fn append(spool: &Spool, action: ActionId, bodies: &[ReportBody]) {
    spool.append(action, Digest::of(&[b"order"]), bodies).expect("a file");
}

fn output(text: &str) -> ReportBody {
    ReportBody::Output {
        stream: Stream::Stdout,
        text: text.into(),
        raw_bytes: text.len() as u64,
        lines: 1,
        findings: vec![],
    }
}

fn segment(root: &Path, action: ActionId) -> std::path::PathBuf {
    root.join(action.to_string()).join("0000000000.seg")
}

fn reports(spool: &Spool, action: ActionId) -> Vec<Report> {
    let (mut place, mut all) = (Place::default(), vec![]);
    loop {
        let more = spool
            .read(action, &mut place, 1000)
            .expect("what was taken can be read");
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// Changes to a spool's file, four bytes each: what came back is what was written, up to a place; whatever is not there any
/// more is said to be lost, unless the file just ends earlier or looks as after a crash; and the action goes on from there.
///
/// # Panics
/// Where that does not hold.
pub(crate) fn spool(changes: &[u8]) -> bool {
    let written = &*WRITTEN;
    let (action, mut bytes) = (written.action, written.segment.clone());
    for change in changes.chunks_exact(4).take(8) {
        let at = usize::from(u16::from_le_bytes([change[1], change[2]])) % (bytes.len() + 1);
        let end = (at + usize::from(change[3])).min(bytes.len());
        match change[0] % 6 {
            0 if at < bytes.len() => bytes[at] ^= change[3],
            1 => bytes.truncate(at),
            2 => bytes.insert(at, change[3]),
            3 => drop(bytes.drain(at..end)),
            4 => bytes.extend_from_within(at..end),
            _ => bytes[at..end].fill(0),
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("spool");
    let fresh = open(&root);
    append(&fresh, action, &[output("y")]);
    drop(fresh);
    std::fs::write(segment(&root, action), &bytes).expect("a file");
    let spool = open(&root);
    let Some(standing) = spool.standing(action) else {
        // As after a crash while the first report was written: it is the last thing there is, or says that it is longer.
        let length = written.first.start..written.first.start + HEAD;
        let torn = bytes.len() <= written.first.end || bytes.get(length.clone()) != written.segment.get(length);
        assert!(spool.unreadable() == [action] || torn, "gone without a word");
        assert!(reports(&spool, action).is_empty());
        return true;
    };
    let back = reports(&spool, action);
    assert!(written.reports.starts_with(&back), "not what was written");
    assert_eq!(standing.tally.next, back.len() as u64);
    let cut_off = written.segment.starts_with(&bytes);
    assert!(standing.lost.is_some() || cut_off, "something was lost without a word");
    assert!(bytes != written.segment || back == written.reports);
    append(&spool, action, &[output("more")]);
    drop(spool);
    let again = reports(&open(&root), action);
    assert!(
        again.len() == back.len() + 1 && again.starts_with(&back),
        "it does not go on"
    );
    true
}
