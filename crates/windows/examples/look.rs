//! Shows what this crate finds on a system, for `docs/windows-acceptance.ps1`, which compares it with what the system's own
//! tools say. One fact a line, its parts separated by tabs; an error goes to stderr, with exit code 1.
//!
//! `look account | adapters | key HKLM PATH | file PATH | service NAME | events LOG MINUTES | seal FILE | open FILE`

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the command line"
)]

#[cfg(windows)]
mod look {
    use std::error::Error;

    use win::registry::{Access, Hive, Key};
    use win::services::{Manager, Purpose};
    use win::{accounts, events, files, network, secret};

    const PURPOSE: &[u8] = b"countersign acceptance";

    pub(crate) fn look(words: &[&str]) -> Result<(), Box<dyn Error>> {
        match words {
            ["account"] => println!("{}", accounts::own()?),
            ["adapters"] => {
                for adapter in network::adapters()? {
                    for (address, bits) in &adapter.addresses {
                        println!("{}\t{address}\t{bits}", adapter.name);
                    }
                }
            }
            ["key", hive, path] => key(hive, path)?,
            ["file", path] => {
                let held = files::Held::hold(path)?;
                println!("{:?}\t{:?}", held.place()?, held.kind()?);
                held.read()?;
            }
            ["service", name] => service(name)?,
            ["events", log, minutes] => {
                let spelling = events::spelling(log)?.ok_or("there is no such log")?;
                let mut entries = events::since(&spelling, minutes.parse()?)?;
                while let Some(entry) = entries.next_entry()? {
                    let message = entry.message.unwrap_or_default();
                    let first = message.lines().next().unwrap_or_default().to_owned();
                    println!("{}\t{}\t{}\t{first}", entry.record, entry.id, entry.provider);
                }
            }
            ["seal", file] => std::fs::write(file, secret::protect(b"sealed by the acceptance test", PURPOSE)?)?,
            ["open", file] => {
                let opened = secret::unprotect(&std::fs::read(file)?, PURPOSE)?;
                println!("{}", String::from_utf8_lossy(&opened));
            }
            _ => return Err("see the beginning of this program's source for what can be asked".into()),
        }
        Ok(())
    }

    fn key(hive: &str, path: &str) -> Result<(), Box<dyn Error>> {
        let hive = if hive == "HKLM" { Hive::Machine } else { Hive::Users };
        let key = Key::open(hive, path, Access::Read)?;
        println!("{}", key.real()?.ok_or("no path leads there")?);
        for value in key.contents()?.values {
            println!("{}\t{}\t{}", value.name, value.kind, value.data.len());
        }
        Ok(())
    }

    fn service(name: &str) -> Result<(), Box<dyn Error>> {
        let manager = Manager::connect()?;
        let spelling = manager.spelling(name)?;
        let service = manager.open(&spelling, Purpose::Look)?;
        println!("name\t{spelling}");
        println!("state\t{}", service.status()?.state);
        println!("account\t{}", service.config()?.account);
        for need in service.config()?.needs {
            println!("needs\t{need}");
        }
        for dependant in service.dependants(true)? {
            println!("dependant\t{dependant}");
        }
        Ok(())
    }
}

#[cfg(windows)]
fn main() -> std::process::ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match look::look(&words) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(windows))]
fn main() {
    println!("This looks at Windows.");
    eprintln!("Run it there.");
}
