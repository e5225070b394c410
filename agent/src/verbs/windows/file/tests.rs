use super::*;
use domain::action::{Command, RefusalReason};
use std::fs;
use std::os::windows::fs::OpenOptionsExt;

struct Folder(tempfile::TempDir);

fn folder() -> Folder {
    let dir = tempfile::tempdir().unwrap();
    for name in ["in", "out", "in\\Agent"] {
        fs::create_dir(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(name).join("File.txt"), name).unwrap();
    }
    Folder(dir)
}

impl Folder {
    fn path(&self, name: &str) -> String {
        let path = self.0.path().join(name);
        path.to_str().unwrap().parse::<FilePath>().unwrap().to_string()
    }

    fn ask(&self, name: &str) -> Result<Prepared, Refusal> {
        let path = self.path(name);
        let verb = Verb::FileRead { path: path.clone() };
        let scope: Scope = format!("file.read(\"{}\\**\")", self.path("in")).parse().unwrap();
        scope.covers(&Command::Verb(verb.clone())).unwrap();
        prepare(&verb, &path, None, &scope, &self.0.path().join("in\\Agent"))
    }

    fn fails(&self, name: &str, why: &str) {
        let prepared = self.ask(name).unwrap();
        assert!(
            matches!(&prepared.work, Work::Failing(w) if w.contains(why)),
            "{prepared:?}"
        );
    }
}

/// R10, R12: a file in the scope is read under its real name, whatever the letters' case.
#[test]
fn a_file_in_the_scope_is_ready_to_be_read() {
    let f = folder();
    let prepared = f.ask("in\\file.txt").unwrap();
    assert!(matches!(prepared.work, Work::Stream(_)), "{prepared:?}");
    assert_eq!(prepared.resource.to_lowercase(), f.path("in\\file.txt").to_lowercase());
}

/// R21: the agent's own files are refused though in scope, also by another spelling and when they are not there.
#[test]
fn the_agents_own_files_are_refused_though_in_scope() {
    let f = folder();
    for name in ["in\\agent\\file.txt", "in\\AGENT\\other", "in\\agent"] {
        assert_eq!(f.ask(name).unwrap_err().reason, RefusalReason::OutOfScope, "{name}");
    }
    assert!(f.ask("in\\agentx").is_ok());
}

/// R21: a link or junction out of the scope is refused, whether what it leads to is there or not. (Wine 8 makes neither:
/// there the names lead nowhere, which is told as such.)
#[test]
fn a_link_out_of_the_scope_is_refused() {
    let f = folder();
    let made = std::os::windows::fs::symlink_dir(f.0.path().join("out"), f.0.path().join("in\\link"));
    if made.is_ok() && f.0.path().join("in\\link\\File.txt").exists() {
        for name in ["in\\link\\file.txt", "in\\link\\missing", "in\\link"] {
            assert_eq!(f.ask(name).unwrap_err().reason, RefusalReason::OutOfScope, "{name}");
        }
    } else {
        f.fails("in\\link\\file.txt", "can't be opened");
    }
}

/// R21: what leads to another machine, or to where no scope can name it, is refused.
#[test]
fn places_that_no_scope_names_are_refused() {
    let scope: Scope = r#"file.read("C:\**")"#.parse().unwrap();
    let private = Path::new(r"C:\countersign-private");
    let ask = |place| covered("file.read", place, &scope, private);
    assert_eq!(
        ask(Place::Drive(r"C:\Logs\POS.log".into())).unwrap(),
        r"C:\Logs\POS.log"
    );
    for place in [
        Place::Share(r"\\server\share\x".into()),
        Place::NoLetter,
        Place::Drive(r"D:\x".into()),
        Place::Drive("C:\\x\u{202e}y".into()),
        Place::Drive(r"C:\Countersign-Private\identity.json".into()),
    ] {
        let refused = ask(place.clone()).unwrap_err();
        assert_eq!(refused.reason, RefusalReason::OutOfScope, "{place:?}");
    }
}

/// R12: what can't be read says why.
#[test]
fn what_is_no_file_or_in_use_says_so() {
    let f = folder();
    fs::create_dir(f.0.path().join("in\\sub")).unwrap();
    f.fails("in\\sub", "is a folder");
    f.fails("in\\missing", "can't be opened");
    f.fails("in\\missing\\deeper", "can't be opened");
    let _owner = fs::File::options()
        .write(true)
        .create_new(true)
        .share_mode(0)
        .open(f.0.path().join("in\\alone"))
        .unwrap();
    f.fails("in\\alone", "is open in another program");
}
