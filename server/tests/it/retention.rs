//! How long texts are kept: erasing by destroying keys, legal holds, the end of the retention (R5).

mod erasing;
mod holding;
mod keys;
mod timer;

use std::path::Path;

use domain::api::{ApiError, Filter, Record, Retention, Sessions};
use domain::ids::SessionId;

use crate::support::{Person, TestApp, script};

/// Words that stand in one session's texts and nowhere else: as a reason, a note, a command, output, a reason to close.
const WORDS: [&str; 5] = ["Zinnober", "Quendel", "Wacholder", "Bernstein", "Lavendel"];

/// A closed session that holds each of [`WORDS`].
async fn wordy(app: &TestApp, hostname: &str) -> SessionId {
    let [reason, note, command, output, end] = WORDS;
    let mut agent = app.agent(hostname).await;
    let (technician, contact) = (app.technician().await, app.contact().await);
    let session = technician
        .open_session_for(agent.endpoint(), &format!("It shows {reason}"), "POS-1")
        .await
        .unwrap();
    let caller = &technician.caller;
    let noted = app.engine().add_note(caller, session, format!("They said {note}"));
    noted.await.unwrap();
    let action = technician.propose(session, script(&format!("echo {command}"))).await;
    contact.approve(technician.request_of(session, action).await).await;
    assert_eq!(agent.run(&format!("printed {output}\n")).await, action);
    let closed = app.engine().close_session(caller, session, format!("It was {end}"));
    closed.await.unwrap();
    session
}

async fn erase(by: &Person, session: SessionId) -> Result<(), ApiError> {
    by.engine
        .erase_session(&by.caller, session, "Asked for by the customer".into())
        .await
}

/// Which of [`WORDS`] stand in a text.
fn words_in(text: &str) -> Vec<&'static str> {
    WORDS.into_iter().filter(|w| text.contains(w)).collect()
}

/// Which of [`WORDS`] stand in a file below the folder, as they are.
fn words_in_files(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    let found = files.flat_map(|file| {
        let bytes = std::fs::read(&file).unwrap();
        let holds = |w: &&str| bytes.windows(w.len()).any(|b| b.eq_ignore_ascii_case(w.as_bytes()));
        let words: Vec<_> = WORDS.into_iter().filter(holds).collect();
        words
            .into_iter()
            .map(move |w| format!("{w} in {}", file.file_name().unwrap().display()))
    });
    found.collect()
}

/// Which of [`WORDS`] a director reads anywhere.
async fn words_read(app: &TestApp, session: SessionId) -> Vec<&'static str> {
    let director = app.director().await;
    let mut texts = format!("{:?}", director.session(session).await);
    let size = director.engine.record_status(&director.caller).await.unwrap().size;
    for index in 0..size {
        let leaf = director.engine.leaf(&director.caller, index).await.unwrap();
        texts.push_str(&format!("{leaf:?}"));
    }
    for page in [
        format!("/sessions/{session}"),
        format!("/sessions/{session}/share"),
        "/history".into(),
        "/sessions".into(),
        "/record".into(),
        "/export/history.csv".into(),
    ] {
        let answer = director.get(&page).await;
        assert_eq!(answer.status, 200, "{page}");
        texts.push_str(&answer.text());
    }
    words_in(&texts)
}

/// How many rows of the history hold a word.
async fn found(app: &TestApp, word: &str) -> usize {
    let filter = Filter {
        text: word.into(),
        ..Filter::default()
    };
    app.director().await.find(filter).await.len()
}
