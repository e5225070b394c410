//! Packs: what has ended takes a fraction of the room, reads as before, and is guarded as before (R8).

use domain::action::Outcome;
use domain::api::{Filter, LeafView, Record as _, Retention as _};
use domain::ids::{ActionId, SessionId};
use sea_orm::{ConnectionTrait as _, Database};

use crate::support::{FakeAgent, Person, TestApp, copy_files, count, script, system_info, unguarded, verified};

/// Pieces that an action prints here.
const PIECES: usize = 40;
const PACKED: &str = "SELECT count(*) AS n FROM leaf WHERE pack IS NOT NULL";
const PACKS: &str = "SELECT count(*) AS n FROM leaf_pack";

/// An action that was approved and printed many pieces; it runs still.
async fn printing(app: &TestApp, agent: &mut FakeAgent, session: SessionId) -> (ActionId, crate::support::Received) {
    let (technician, contact) = (app.technician().await, app.contact().await);
    let action = technician.propose(session, script("service posprint restart")).await;
    contact.approve(technician.request_of(session, action).await).await;
    let mut order = agent.next_order().await;
    agent.start(&mut order).await;
    for piece in 0..PIECES {
        let text = format!("{piece:04} spooler  C:\\Windows\\System32\\spool\\PRINTERS\\FP{piece:05}.SPL  queued\n");
        agent.print(&mut order, &text).await;
    }
    (action, order)
}

/// A closed session of three actions, one of which printed much.
pub(crate) async fn ended(app: &TestApp) -> SessionId {
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    technician.propose(session, system_info()).await;
    agent.run("Linux\n").await;
    let (_, mut order) = printing(app, &mut agent, session).await;
    agent.finish(&mut order, Outcome::Failed, Some(3)).await;
    technician.propose(session, system_info()).await;
    agent.run("Linux again\n").await;
    technician.close_session(session).await;
    session
}

/// All that can be read of the leaves that there are now; proofs change with the log's length.
async fn read(director: &Person, size: u64) -> Vec<LeafView> {
    let mut leaves = Vec::new();
    for index in 0..size {
        let mut leaf = director.engine.leaf(&director.caller, index).await.unwrap();
        leaf.proof.clear();
        leaves.push(leaf);
    }
    leaves
}

/// R8, R40: packed, the record is smaller, and every page, share, search, tile and verifier says what it said before.
#[tokio::test]
async fn what_has_ended_reads_as_before() {
    let app = TestApp::start().await;
    let session = ended(&app).await;
    let director = app.director().await;
    let link = director.share(session).await.link.unwrap();
    let (path, _) = link.split_once('#').unwrap();
    let bundle = format!("{path}/bundle.json");
    let size = director.engine.record_status(&director.caller).await.unwrap().size;
    let before = (
        read(&director, size).await,
        app.nobody().get(&bundle).await.body,
        director
            .get(&format!("/record/log/tile/entries/000.p/{}", size.min(255)))
            .await
            .body,
    );
    let shown = format!("{:?}", director.session(session).await.actions);
    let bytes = "SELECT sum(length(leaf) + length(groups)) + coalesce((SELECT sum(length(sealed)) FROM leaf_text), 0)
                     + coalesce((SELECT sum(length(leaves) + coalesce(length(texts), 0)) FROM leaf_pack), 0) AS n
                 FROM leaf WHERE session_id IS NOT NULL";
    let unpacked = count(&app.data(), bytes).await;

    app.engine().pack().await.unwrap();
    let packed = count(&app.data(), PACKED).await;
    assert!(packed > PIECES as i64, "{packed}");
    assert!(count(&app.data(), bytes).await * 2 < unpacked);
    assert_eq!(read(&director, size).await, before.0);
    assert_eq!(app.nobody().get(&bundle).await.body, before.1);
    assert_eq!(
        director
            .get(&format!("/record/log/tile/entries/000.p/{}", size.min(255)))
            .await
            .body,
        before.2
    );
    assert_eq!(format!("{:?}", director.session(session).await.actions), shown);
    let filter = Filter {
        text: "FP00017.SPL".into(),
        ..Filter::default()
    };
    assert_eq!(director.find(filter).await.len(), 1);
    let (code, told) = verified(&app.data()).await;
    assert!(code == 0 && told.contains("receipts of 3 ended actions"), "{told}");
    app.engine().self_check().await.unwrap();
    assert_eq!(app.engine().record_alarm(&director.caller).await.unwrap(), None);

    let packs = count(&app.data(), PACKS).await;
    app.engine().pack().await.unwrap();
    assert_eq!(count(&app.data(), PACKS).await, packs, "nothing is packed twice");
    assert_eq!(count(&app.data(), PACKED).await, packed);
}

/// R2, R8: what runs is not packed, takes more output meanwhile, and is packed once it has ended; also after a restart.
#[tokio::test]
async fn what_runs_is_not_packed() {
    let mut app = TestApp::start().await;
    let mut agent = app.agent("till").await;
    let technician = app.technician().await;
    let session = technician.open_session(agent.endpoint()).await;
    let (action, mut order) = printing(&app, &mut agent, session).await;
    app.engine().pack().await.unwrap();
    assert_eq!(count(&app.data(), PACKS).await, 0);
    agent.print(&mut order, "the last line\n").await;
    agent.finish(&mut order, Outcome::Succeeded, Some(0)).await;
    drop(technician);
    agent.leave().await;
    app.restart().await;
    app.engine().pack().await.unwrap();
    assert!(count(&app.data(), PACKED).await > PIECES as i64);
    let view = app.technician().await.action(session, action).await;
    let text: String = view.output.iter().map(|piece| &*piece.text).collect();
    assert!(
        text.lines().count() == PIECES + 1 && text.ends_with("the last line\n"),
        "{text}"
    );
}

/// R4: whatever is done to a pack, the first leaf that it hits is named.
#[tokio::test]
async fn a_pack_that_was_changed_is_altered() {
    let mut app = TestApp::start().await;
    ended(&app).await;
    app.engine().pack().await.unwrap();
    app.shut_down().await;
    let whole = app.data();
    let largest = "SELECT first AS n FROM leaf_pack ORDER BY length(leaves) DESC LIMIT 1";
    let pack = count(&whole, largest).await;
    let other = count(
        &whole,
        &format!("SELECT min(first) AS n FROM leaf_pack WHERE first <> {pack}"),
    )
    .await;
    let last = count(&whole, &format!("SELECT max(idx) AS n FROM leaf WHERE pack = {pack}")).await;
    let text = count(
        &whole,
        &format!("SELECT min(idx) AS n FROM leaf WHERE kind = 'action.proposed' AND pack = {pack}"),
    )
    .await;
    let of_pack = |change: &str| format!("UPDATE leaf_pack SET {change} WHERE first = {pack}");
    let flipped = "leaves = cast(substr(leaves, 1, 200) || iif(substr(leaves, 201, 1) = x'5a', x'a5', x'5a') || substr(leaves, 202) AS blob)";
    for (what, wrong) in [
        (of_pack(flipped), None),
        (of_pack("leaves = substr(leaves, 1, length(leaves) - 9)"), Some(pack)),
        (
            of_pack(&format!(
                "leaves = (SELECT leaves FROM leaf_pack WHERE first = {other})"
            )),
            Some(pack),
        ),
        (of_pack("texts = zeroblob(length(texts))"), Some(text)),
        (of_pack("texts = substr(texts, 1, 40)"), Some(text)),
        (of_pack("key_id = zeroblob(16)"), Some(text)),
        (of_pack("key_id = NULL, texts = NULL, text_count = 0"), Some(text)),
        (format!("DELETE FROM leaf_pack WHERE first = {pack}"), Some(pack)),
        (format!("UPDATE leaf SET pack = {other} WHERE idx = {last}"), Some(last)),
        (format!("UPDATE leaf SET pack = NULL WHERE idx = {last}"), Some(last)),
    ] {
        let copy = tempfile::tempdir().unwrap();
        copy_files(&whole, copy.path());
        let database = unguarded(copy.path()).await;
        database.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
        assert_eq!(
            database.execute_unprepared(&what).await.unwrap().rows_affected(),
            1,
            "{what}"
        );
        database.close().await.unwrap();
        let (code, told) = verified(copy.path()).await;
        assert_eq!(code, 1, "{what}: {told}");
        let named = wrong.map_or("first wrong leaf ".to_owned(), |leaf| {
            format!("first wrong leaf {leaf}:")
        });
        assert!(told.contains(&named), "{what}: {told}");
    }
}

/// R4: the database itself lets a leaf and a text move into a pack once, and nothing else.
#[tokio::test]
async fn the_database_guards_packs() {
    let app = TestApp::start().await;
    ended(&app).await;
    let database = Database::connect(engine::database_options(&app.data())).await.unwrap();
    let refused = async |statements: &[&str]| {
        for sql in statements {
            let said = database.execute_unprepared(sql).await;
            let said = said.expect_err(sql).to_string();
            assert!(
                said.contains("the record only grows") || said.contains("CHECK"),
                "{sql}: {said}"
            );
        }
    };
    let not_yet = [
        "UPDATE leaf SET leaf = '', groups = '', pack = 0",
        "DELETE FROM leaf_text",
    ];
    refused(&not_yet).await;
    app.engine().pack().await.unwrap();
    refused(&not_yet).await;
    refused(&[
        "UPDATE leaf_pack SET leaves = x'00'",
        "DELETE FROM leaf_pack",
        "INSERT OR REPLACE INTO leaf_pack SELECT org_id, first, x'00', key_id, texts, text_count FROM leaf_pack LIMIT 1",
        "INSERT INTO leaf_pack SELECT org_id, 0, x'00', x'00000000000000000000000000000000', NULL, 0 FROM leaf_pack LIMIT 1",
        "UPDATE leaf SET pack = NULL WHERE pack IS NOT NULL",
        "UPDATE leaf SET pack = (SELECT max(first) FROM leaf_pack) WHERE pack IS NOT NULL",
        "UPDATE leaf SET leaf = 'x', groups = '', pack = (SELECT max(first) FROM leaf_pack) WHERE pack IS NULL",
        "UPDATE leaf SET leaf = '', groups = '', hash = zeroblob(32), pack = (SELECT max(first) FROM leaf_pack) WHERE pack IS NULL",
        "UPDATE leaf SET leaf = '', groups = '', kind = 'x', pack = (SELECT max(first) FROM leaf_pack) WHERE pack IS NULL",
        "UPDATE leaf SET leaf = '', groups = '', session_id = NULL, pack = (SELECT max(first) FROM leaf_pack)
             WHERE pack IS NULL AND session_id IS NOT NULL",
        "UPDATE leaf_text SET sealed = x''",
    ])
    .await;
}

/// R5: an erasure reaches what is packed, and what is erased before it was packed stays erased.
#[tokio::test]
async fn packed_texts_are_erased() {
    let app = TestApp::start().await;
    let packed = ended(&app).await;
    app.engine().pack().await.unwrap();
    let mut agent = app.agent("kiosk").await;
    let technician = app.technician().await;
    let unpacked = technician.open_session(agent.endpoint()).await;
    let (_, mut order) = printing(&app, &mut agent, unpacked).await;
    agent.finish(&mut order, Outcome::Succeeded, Some(0)).await;
    technician.close_session(unpacked).await;
    let director = app.director().await;
    for session in [packed, unpacked] {
        let asked = director
            .engine
            .erase_session(&director.caller, session, "Asked for".into());
        asked.await.unwrap();
    }
    app.engine().pack().await.unwrap();
    for session in [packed, unpacked] {
        let shown = format!("{:?}", director.session(session).await.actions);
        assert!(!shown.contains("PRINTERS") && shown.contains("[erased]"), "{shown}");
    }
    let filter = Filter {
        text: "PRINTERS".into(),
        ..Filter::default()
    };
    assert_eq!(director.find(filter).await.len(), 0);
    let (code, told) = verified(&app.data()).await;
    assert_eq!(code, 0, "{told}");
}

/// R4: packing takes nothing of what was altered out of sight: the text stays where it is, and the same leaf is named.
#[tokio::test]
async fn what_was_altered_is_not_packed_away() {
    let mut app = TestApp::start().await;
    ended(&app).await;
    app.shut_down().await;
    let chunk = "(SELECT max(idx) FROM leaf WHERE kind = 'output.chunk')";
    let wrong = count(&app.data(), &format!("SELECT {chunk} AS n")).await;
    let database = unguarded(&app.data()).await;
    let altered = format!("UPDATE leaf_text SET sealed = zeroblob(length(sealed)) WHERE idx = {chunk}");
    database.execute_unprepared(&altered).await.unwrap();
    database.close().await.unwrap();
    app.boot().await;
    app.engine().pack().await.unwrap();
    app.shut_down().await;
    let stays = format!("SELECT count(*) AS n FROM leaf WHERE pack IS NULL AND idx = {wrong}");
    assert_eq!(count(&app.data(), &stays).await, 1);
    assert!(count(&app.data(), PACKED).await > 0, "the others are packed");
    let (code, told) = verified(&app.data()).await;
    assert!(
        code == 1 && told.contains(&format!("first wrong leaf {wrong}:")),
        "{told}"
    );
}
