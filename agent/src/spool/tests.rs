use super::*;

use domain::finding::{Finding, FindingKind};
use futures_util::FutureExt;
use wire::Stream;

const AT: Timestamp = Timestamp(1_800_000_000_000_000_000);

fn action(n: u8) -> ActionId {
    format!("01890000-0000-7000-8000-0000000000{n:02x}").parse().unwrap()
}

fn key() -> SpoolKey {
    SpoolKey::of(&ed25519_dalek::SigningKey::from_bytes(&[5; 32]))
}

fn open(root: &Path) -> io::Result<Spool> {
    Spool::open(root, LIMIT, key())
}

fn order() -> Digest {
    Digest::of(&[b"order"])
}

fn started() -> ReportBody {
    ReportBody::Started {
        at: AT,
        resource: "sh".into(),
    }
}

fn output(text: &str) -> ReportBody {
    let findings = vec![Finding {
        kind: FindingKind::Email,
        rule: "email".into(),
        start: 0,
        len: 1,
        engine: 1,
    }];
    ReportBody::Output {
        stream: Stream::Stdout,
        text: text.into(),
        raw_bytes: text.len() as u64,
        lines: 1,
        findings,
    }
}

fn refused() -> ReportBody {
    ReportBody::Refused {
        reason: domain::action::RefusalReason::NotRun,
        detail: String::new(),
    }
}

fn all(spool: &Spool, action: ActionId) -> Vec<Report> {
    let mut place = Place::default();
    let mut reports = vec![];
    loop {
        let more = spool.read(action, &mut place, 100).unwrap();
        if more.is_empty() {
            return reports;
        }
        reports.extend(more);
    }
}

fn numbers(reports: &[Report]) -> Vec<u64> {
    reports.iter().map(|r| r.n).collect()
}

/// R3: what was appended is there after a restart, in order, until it is acknowledged.
#[test]
fn reports_stay_until_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("spool");
    let spool = open(&root).unwrap();
    spool.append(action(1), order(), &[started()]).unwrap();
    for n in 0..100 {
        spool
            .append(action(1), order(), &[output(&format!("line {n}\n")), output("x")])
            .unwrap();
    }
    let before = all(&spool, action(1));
    assert_eq!(numbers(&before), (0..201).collect::<Vec<_>>());
    assert!(
        std::fs::read_dir(root.join(action(1).to_string())).unwrap().count() > 3,
        "several segments"
    );
    assert_eq!(spool.bytes(), size_on_disk(&root).unwrap());

    spool.acknowledge(action(1), 120).unwrap();
    assert_eq!(all(&spool, action(1)), before[121..]);
    let tally = spool.standing(action(1)).unwrap().tally;
    drop(spool);

    let spool = open(&root).unwrap();
    assert_eq!(
        spool.standing(action(1)).unwrap().tally,
        tally,
        "totals survive the segments that went"
    );
    assert_eq!(tally.lines, 200);
    assert_eq!(tally.findings[&FindingKind::Email], 200);
    let after = all(&spool, action(1));
    assert!(
        after.first().is_some_and(|r| r.n <= 121),
        "sent again from before the acknowledgement: harmless"
    );
    assert_eq!(after.last(), before.last());
    assert_eq!(spool.bytes(), size_on_disk(&root).unwrap());

    spool.append(action(1), order(), &[refused()]).unwrap();
    spool.acknowledge(action(1), u64::MAX).unwrap();
    assert_eq!(spool.actions(), []);
    assert_eq!(size_on_disk(&root).unwrap(), 0);
    assert_eq!(std::fs::read_dir(&root).unwrap().count(), 0);
}

/// R3: cut at any byte of its last record, the spool gives every report before it, says so, and goes on.
#[test]
fn a_torn_tail_is_cut_off_and_said() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("spool");
    let spool = open(&root).unwrap();
    spool
        .append(action(1), order(), &[started(), output("kept\n")])
        .unwrap();
    let segment = root.join(action(1).to_string()).join("0000000000.seg");
    let kept = std::fs::read(&segment).unwrap().len();
    spool.append(action(1), order(), &[output("cut\n")]).unwrap();
    let bytes = std::fs::read(&segment).unwrap();
    drop(spool);
    for cut in kept..bytes.len() {
        std::fs::write(&segment, &bytes[..cut]).unwrap();
        let spool = open(&root).unwrap();
        assert_eq!(numbers(&all(&spool, action(1))), [0, 1]);
        let lost = (cut > kept).then_some(Lost::Torn);
        assert_eq!(spool.standing(action(1)).unwrap().lost, lost, "cut at {cut}");
        spool.append(action(1), order(), &[refused()]).unwrap();
        assert_eq!(numbers(&all(&spool, action(1))), [0, 1, 2]);
        drop(spool);
        assert!(
            all(&open(&root).unwrap(), action(1))
                .last()
                .is_some_and(|r| r.body == refused())
        );
        // What was added after a start stands in a segment of its own.
        std::fs::remove_file(segment.with_file_name("0000000001.seg")).unwrap();
    }
}

/// R3: a crash before the first whole report leaves nothing to send.
#[test]
fn an_entry_without_a_whole_report_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("spool");
    let spool = open(&root).unwrap();
    spool.append(action(1), order(), &[started()]).unwrap();
    drop(spool);
    let folder = root.join(action(1).to_string());
    let segment = folder.join("0000000000.seg");
    let bytes = std::fs::read(&segment).unwrap();
    for cut in [bytes.len() - 1, bytes.len() - 60] {
        service::create_private_dir(&folder).unwrap();
        std::fs::write(&segment, &bytes[..cut]).unwrap();
        let spool = open(&root).unwrap();
        assert!(spool.standing(action(1)).is_none());
        assert!(!folder.exists());
    }
}

/// R3: what was being begun when the agent ended had nothing in it.
#[test]
fn a_segment_without_its_name_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("spool");
    let spool = open(&root).unwrap();
    spool.append(action(1), order(), &[started()]).unwrap();
    drop(spool);
    let unnamed = root.join(action(1).to_string()).join("0000000001.new");
    std::fs::write(&unnamed, b"half").unwrap();
    let spool = open(&root).unwrap();
    assert_eq!(numbers(&all(&spool, action(1))), [0]);
    assert!(!unnamed.exists());
}

/// Makes a spool of some segments with thirteen reports; gives the paths of the segments.
fn segments(root: &Path) -> Vec<PathBuf> {
    let spool = open(root).unwrap();
    spool.append(action(1), order(), &[started()]).unwrap();
    for n in 0..12 {
        spool
            .append(action(1), order(), &[output(&format!("{n} {}", "x".repeat(400)))])
            .unwrap();
    }
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root.join(action(1).to_string()))
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 3, "{paths:?}");
    paths
}

/// R3: damage in the middle ends what can be read there; it is said, with how much it was, and nothing behind it is taken
/// for what follows.
#[test]
fn damage_in_the_middle_is_said_and_never_skipped() {
    type Spoil = fn(&[PathBuf]);
    let spoils: [(&str, Spoil); 6] = [
        ("a byte changed", |paths| {
            let mut bytes = std::fs::read(&paths[1]).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&paths[1], bytes).unwrap();
        }),
        ("a segment taken out", |paths| std::fs::remove_file(&paths[1]).unwrap()),
        ("a segment's end cut off", |paths| {
            let bytes = std::fs::read(&paths[1]).unwrap();
            std::fs::write(&paths[1], &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("two segments swapped", |paths| {
            let (a, b) = (std::fs::read(&paths[1]).unwrap(), std::fs::read(&paths[2]).unwrap());
            std::fs::write(&paths[1], b).unwrap();
            std::fs::write(&paths[2], a).unwrap();
        }),
        ("a segment repeated", |paths| {
            std::fs::copy(&paths[0], &paths[1]).unwrap();
        }),
        ("what follows repeated", |paths| {
            let mut bytes = std::fs::read(&paths[1]).unwrap();
            bytes.extend(bytes.clone());
            std::fs::write(&paths[1], bytes).unwrap();
        }),
    ];
    for (what, spoil) in spoils {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("spool");
        let paths = segments(&root);
        let before = all(&open(&root).unwrap(), action(1));
        spoil(&paths);
        let spool = open(&root).unwrap();
        let after = all(&spool, action(1));
        assert!(!after.is_empty() && after.len() < before.len(), "{what}");
        assert_eq!(after, before[..after.len()], "{what}");
        let lost = spool.standing(action(1)).unwrap().lost;
        assert!(
            matches!(lost, Some(Lost::Damaged { bytes }) if bytes > 100),
            "{what}: {lost:?}"
        );
        spool.append(action(1), order(), &[refused()]).unwrap();
        drop(spool);
        let again = all(&open(&root).unwrap(), action(1));
        assert_eq!(numbers(&again), (0..=after.len() as u64).collect::<Vec<_>>(), "{what}");
    }
}

/// R3: where not even the beginning can be read, the action is named, its folder kept, and another can take its place.
#[test]
fn an_unreadable_beginning_is_kept_and_named() {
    type Spoil = fn(&Path, &[PathBuf]);
    let spoils: [(&str, Spoil); 3] = [
        ("the first segment's id changed", |_, paths| {
            let mut bytes = std::fs::read(&paths[0]).unwrap();
            bytes[0] ^= 1;
            std::fs::write(&paths[0], bytes).unwrap();
        }),
        ("nothing left of it", |_, paths| std::fs::write(&paths[0], b"").unwrap()),
        ("another action's", |root, _| {
            std::fs::rename(root.join(action(1).to_string()), root.join(action(2).to_string())).unwrap();
        }),
    ];
    for (what, spoil) in spoils {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("spool");
        let paths = segments(&root);
        spoil(&root, &paths);
        let spool = open(&root).unwrap();
        let &[found] = spool.unreadable() else {
            panic!("{what}: {:?}", spool.unreadable())
        };
        assert!(spool.standing(found).is_none(), "{what}");
        spool.append(found, order(), &[refused()]).unwrap();
        drop(spool);
        let spool = open(&root).unwrap();
        assert_eq!(
            (spool.unreadable().len(), numbers(&all(&spool, found))),
            (0, vec![0]),
            "{what}"
        );
        assert!(
            root.join(format!("{found}{UNREADABLE}"))
                .join("0000000000.seg")
                .exists(),
            "{what}"
        );
    }
}

/// A spool of another device is unreadable, and no text of a report is in it.
#[test]
fn what_is_spooled_is_for_this_device_alone() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("spool");
    for path in segments(&root) {
        let bytes = std::fs::read(path).unwrap();
        for plain in ["xxxxxxxx", "\"action\"", "stdout"] {
            assert!(!bytes.windows(plain.len()).any(|w| w == plain.as_bytes()), "{plain}");
        }
    }
    let other = SpoolKey::of(&ed25519_dalek::SigningKey::from_bytes(&[6; 32]));
    let spool = Spool::open(&root, LIMIT, other).unwrap();
    assert_eq!(spool.unreadable(), [action(1)]);
}

#[tokio::test]
async fn a_full_spool_waits_for_acknowledgements() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(&dir.path().join("spool"), 100, key()).unwrap();
    spool.append(action(1), order(), &[started(), refused()]).unwrap();
    let mut waiting = Box::pin(spool.has_space());
    assert!((&mut waiting).now_or_never().is_none());
    spool.acknowledge(action(1), 1).unwrap();
    waiting.await;
}

#[test]
fn a_reader_that_keeps_its_place_sees_each_report_once() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(&dir.path().join("spool")).unwrap();
    let mut place = Place::default();
    let mut seen = vec![];
    for n in 0..60 {
        spool.append(action(1), order(), &[output(&format!("{n}"))]).unwrap();
        seen.extend(spool.read(action(1), &mut place, 1).unwrap());
        if n % 7 == 0 {
            spool.acknowledge(action(1), n).unwrap();
        }
    }
    assert_eq!(numbers(&seen), (0..60).collect::<Vec<_>>());
}

/// R22: an order that is refused each time it comes is reported each time, also over one connection.
#[test]
fn an_action_that_comes_back_is_read_anew() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(&dir.path().join("spool")).unwrap();
    let mut place = Place::default();
    for _ in 0..3 {
        spool.append(action(1), order(), &[refused()]).unwrap();
        assert_eq!(numbers(&spool.read(action(1), &mut place, 100).unwrap()), [0]);
        spool.acknowledge(action(1), 0).unwrap();
    }
}
