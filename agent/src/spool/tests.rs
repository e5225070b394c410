use super::*;

use domain::finding::{Finding, FindingKind};
use futures_util::FutureExt;
use wire::Stream;

const AT: Timestamp = Timestamp(1_800_000_000_000_000_000);

fn action(n: u8) -> ActionId {
    format!("01890000-0000-7000-8000-0000000000{n:02x}").parse().unwrap()
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
    let spool = Spool::open(&root, LIMIT).unwrap();
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

    let spool = Spool::open(&root, LIMIT).unwrap();
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
    let spool = Spool::open(&root, LIMIT).unwrap();
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
        let spool = Spool::open(&root, LIMIT).unwrap();
        assert_eq!(numbers(&all(&spool, action(1))), [0, 1]);
        assert_eq!(spool.standing(action(1)).unwrap().torn, cut > kept, "cut at {cut}");
        spool.append(action(1), order(), &[refused()]).unwrap();
        assert_eq!(numbers(&all(&spool, action(1))), [0, 1, 2]);
        assert!(
            all(&Spool::open(&root, LIMIT).unwrap(), action(1))
                .last()
                .is_some_and(|r| r.body == refused())
        );
    }
}

/// R3: a crash before the first whole report leaves nothing to send.
#[test]
fn an_entry_without_a_whole_report_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("spool");
    let spool = Spool::open(&root, LIMIT).unwrap();
    spool.append(action(1), order(), &[started()]).unwrap();
    drop(spool);
    let folder = root.join(action(1).to_string());
    let segment = folder.join("0000000000.seg");
    let bytes = std::fs::read(&segment).unwrap();
    for cut in [0, 5, 100, bytes.len() - 1] {
        service::create_private_dir(&folder).unwrap();
        std::fs::write(&segment, &bytes[..cut]).unwrap();
        let spool = Spool::open(&root, LIMIT).unwrap();
        assert!(spool.standing(action(1)).is_none());
        assert!(!folder.exists());
    }
}

#[tokio::test]
async fn a_full_spool_waits_for_acknowledgements() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(&dir.path().join("spool"), 100).unwrap();
    spool.append(action(1), order(), &[started(), refused()]).unwrap();
    let mut waiting = Box::pin(spool.has_space());
    assert!((&mut waiting).now_or_never().is_none());
    spool.acknowledge(action(1), 1).unwrap();
    waiting.await;
}

#[test]
fn a_reader_that_keeps_its_place_sees_each_report_once() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(&dir.path().join("spool"), LIMIT).unwrap();
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
    let spool = Spool::open(&dir.path().join("spool"), LIMIT).unwrap();
    let mut place = Place::default();
    for _ in 0..3 {
        spool.append(action(1), order(), &[refused()]).unwrap();
        assert_eq!(numbers(&spool.read(action(1), &mut place, 100).unwrap()), [0]);
        spool.acknowledge(action(1), 0).unwrap();
    }
}
