use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::*;

/// Nothing in these tests takes this long unless it never happens.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program that the tests start; cargo builds it beside them.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.ancestors().nth(2).unwrap().join("examples/child.exe")
}

fn variables() -> Vec<(String, String)> {
    std::env::vars()
        .filter(|(name, _)| ["SYSTEMROOT", "PATH"].contains(&name.to_uppercase().as_str()))
        .chain([("ZED".to_owned(), "ä".to_owned()), ("alpha".to_owned(), "1".to_owned())])
        .collect()
}

fn run(args: &[&str]) -> Child {
    let args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
    start(&Spec {
        program: &program(),
        command_line: &command_line("child", &args).unwrap(),
        environment: &variables(),
        folder: &std::env::temp_dir(),
    })
    .unwrap()
}

fn text(mut child: Child) -> (String, i32) {
    let mut text = String::new();
    child.stdout.read_to_string(&mut text).unwrap();
    (text, child.process.wait().unwrap())
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn len(file: &Path) -> u64 {
    file.metadata().map_or(0, |m| m.len())
}

/// Waits until the file grows no more; whoever wrote to it is gone then.
fn falls_silent(file: &Path) {
    let (mut before, mut still) = (len(file), 0);
    eventually("its writer is gone", || {
        std::thread::sleep(Duration::from_millis(50));
        let now = len(file);
        still = if now == before { still + 1 } else { 0 };
        before = now;
        still == 5
    });
}

fn wait_for_beat(file: &Path) {
    eventually("the program that beats runs", || len(file) > 3);
}

/// R13: a program gets the arguments, variables, folder and empty input that were meant, whatever is in them.
#[test]
fn arguments_variables_folder_and_input_are_exact() {
    let args = [
        "a b",
        "",
        r#"say "hi""#,
        r"C:\x\",
        r#"\\"\"#,
        "ä€😀",
        "%PATH%",
        "^&|<>",
        "tab\there",
        "line\nfeed",
    ];
    let (said, code) = text(run(&[&["args"], &args[..]].concat()));
    let expected: String = args.iter().map(|a| format!("{a:?}\n")).collect();
    assert_eq!((said, code), (expected, 0));

    let (said, _) = text(run(&["variables"]));
    assert!(said.contains("ZED=ä\n") && said.contains("alpha=1\n"), "{said}");
    assert!(!said.to_uppercase().contains("CARGO"), "nothing is inherited: {said}");
    let folder = said.lines().find_map(|l| l.strip_prefix("folder ")).unwrap();
    assert_eq!(
        std::fs::canonicalize(folder).unwrap(),
        std::env::temp_dir().canonicalize().unwrap()
    );
    assert_eq!(text(run(&["read"])).0, "Ok(0)\n");
}

/// R13: exit codes come back, also those that mean something to the system.
#[test]
fn exit_codes_come_back() {
    for code in [0, 1, 3, 259, -1, -1_073_741_819] {
        let child = run(&["exit", &code.to_string()]);
        assert_eq!(child.process.wait().unwrap(), code);
        assert_eq!(child.process.exit_code().unwrap(), Some(code));
    }
    let child = run(&["flood"]);
    assert_eq!(child.process.exit_code().unwrap(), None);
    assert!(child.process.id() > 0);
}

#[test]
fn what_cannot_be_started_is_an_error_that_says_so() {
    let missing = start(&Spec {
        program: Path::new(r"C:\no\such.exe"),
        command_line: "such",
        environment: &variables(),
        folder: &std::env::temp_dir(),
    });
    assert!(missing.unwrap_err().is_not_found());
    let bad = [("a=b".to_owned(), String::new())];
    let refused = start(&Spec {
        program: &program(),
        command_line: "child",
        environment: &bad,
        folder: &std::env::temp_dir(),
    });
    assert_eq!(refused.unwrap_err().code, ERROR_INVALID_PARAMETER);
}

/// R14: ending a job ends the children of children, and the pipes end with them.
#[test]
fn a_tree_ends_as_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("beat");
    let child = run(&["tree", file.to_str().unwrap()]);
    wait_for_beat(&file);
    assert!(child.job.active_processes().unwrap() >= 3);
    child.job.terminate().unwrap();
    eventually("nothing is left in the job", || {
        child.job.active_processes().unwrap() == 0
    });
    falls_silent(&file);
    assert_eq!(child.process.wait().unwrap(), 1);
}

/// R14: a job that is dropped ends what is in it; one that is released does not.
#[test]
fn what_a_program_left_running_lives_on_when_it_is_released() {
    let dir = tempfile::tempdir().unwrap();
    let (dropped, released) = (dir.path().join("dropped"), dir.path().join("released"));
    let child = run(&["leave", dropped.to_str().unwrap()]);
    assert_eq!(child.process.wait().unwrap(), 0);
    wait_for_beat(&dropped);
    drop(child);
    falls_silent(&dropped);

    let child = run(&["leave", released.to_str().unwrap()]);
    assert_eq!(child.process.wait().unwrap(), 0);
    wait_for_beat(&released);
    child.job.release().unwrap();
    let before = len(&released);
    eventually("it lives on", || len(&released) > before + 20);
    std::fs::write(released.with_extension("stop"), b"").unwrap();
    falls_silent(&released);
}

/// R14: everything ends with the process that holds the job, also when that is killed.
#[test]
fn a_killed_holder_takes_its_tree_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("beat");
    let mut holder = std::process::Command::new(program())
        .args(["hold", file.to_str().unwrap()])
        .spawn()
        .unwrap();
    wait_for_beat(&file);
    holder.kill().unwrap();
    holder.wait().unwrap();
    falls_silent(&file);
}

/// A program that floods does not keep its tree from being ended.
#[test]
fn a_flood_ends_within_a_second() {
    let mut child = run(&["flood"]);
    let mut piece = vec![0; 1 << 20];
    child.stdout.read_exact(&mut piece).unwrap();
    let since = Instant::now();
    child.job.terminate().unwrap();
    child.process.wait().unwrap();
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
}
