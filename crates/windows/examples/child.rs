//! A program for the tests of `process`: its first argument says what it does.
//!
//! | argument | what it does |
//! |---|---|
//! | `args …` | prints the other arguments, one a line, as Rust writes them |
//! | `variables` | prints its variables and its working folder |
//! | `read` | prints how much standard input gives |
//! | `exit N` | ends with the exit code N |
//! | `beat FILE` | writes to the file again and again, until there is one beside it that ends with `.stop` |
//! | `tree FILE` | starts `beat FILE` below a second copy of itself, says so, and waits for ever |
//! | `leave FILE` | starts `beat FILE` and ends |
//! | `hold FILE` | starts `tree FILE` by `win::process`, says so, and waits for ever |
//! | `flood` | prints for ever |
//! | `serve NAME FILE` | is the service NAME until it is asked to stop, and adds a line to the file about it |

#![expect(clippy::print_stdout, reason = "it is there for its output")]

use std::io::{Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let second = args.get(1).cloned().unwrap_or_default();
    match args.first().map(String::as_str) {
        Some("args") => args.iter().skip(1).for_each(|a| println!("{a:?}")),
        Some("variables") => {
            std::env::vars().for_each(|(name, value)| println!("{name}={value}"));
            println!("folder {}", std::env::current_dir().unwrap_or_default().display());
        }
        Some("read") => {
            let mut bytes = vec![];
            let read = std::io::stdin().read_to_end(&mut bytes);
            println!("{read:?}");
        }
        Some("exit") => std::process::exit(second.parse().unwrap_or(99)),
        Some("beat") => beat(&second),
        Some("tree") => start(&["branch", &second], Stdio::null()),
        Some("branch") => {
            start(&["beat", &second], Stdio::null());
        }
        Some("leave") => return started(&["beat", &second], Stdio::null()),
        Some("hold") => hold(&second),
        Some("flood") => flood(),
        Some("serve") => serve(&second, args.get(2).map(String::as_str).unwrap_or_default()),
        other => {
            println!("unknown: {other:?}");
            return ExitCode::from(99);
        }
    }
    ExitCode::SUCCESS
}

/// Starts another copy, says so, and waits for ever.
fn start(args: &[&str], stdout: Stdio) {
    started(args, stdout);
    for_ever();
}

fn started(args: &[&str], stdout: Stdio) -> ExitCode {
    let own = std::env::current_exe().unwrap_or_default();
    let started = Command::new(own).args(args).stdout(stdout).spawn();
    println!("started: {}", started.is_ok());
    if started.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn beat(file: &str) {
    let stop = std::path::Path::new(file).with_extension("stop");
    while !stop.exists() {
        if let Ok(mut file) = std::fs::File::options().create(true).append(true).open(file) {
            // Whoever looks sees the file grow, or not.
            let _ = file.write_all(b".");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn flood() {
    let text = "all work and no play\n".repeat(1000);
    let mut out = std::io::stdout().lock();
    while out.write_all(text.as_bytes()).is_ok() {}
}

fn for_ever() {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

#[cfg(windows)]
fn hold(file: &str) {
    let own = std::env::current_exe().unwrap_or_default();
    let line = win::process::command_line("child", &["tree".to_owned(), file.to_owned()]).unwrap_or_default();
    let environment: Vec<(String, String)> = std::env::vars().collect();
    let folder = std::env::temp_dir();
    let held = win::process::start(&win::process::Spec {
        program: &own,
        command_line: &line,
        environment: &environment,
        folder: &folder,
    });
    println!("started: {}", held.is_ok());
    for_ever();
}

#[cfg(windows)]
fn serve(name: &str, file: &str) {
    let file = file.to_owned();
    let served = win::this_service::run(name, move |stop| {
        let asked = stop.recv().is_ok();
        let line = format!(
            "served, {} to stop\n",
            if asked { "was asked" } else { "was not asked" }
        );
        let opened = std::fs::File::options().create(true).append(true).open(file);
        opened.and_then(|mut file| file.write_all(line.as_bytes())).is_ok()
    });
    println!("served: {}", served.is_ok());
}

#[cfg(not(windows))]
fn hold(_file: &str) {
    println!("started: false");
}

#[cfg(not(windows))]
fn serve(_name: &str, _file: &str) {
    println!("served: false");
}
