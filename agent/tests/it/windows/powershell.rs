//! Scripts of PowerShell, played by a stand-in (`examples/powershell-stand-in.rs`), since no real one runs under Wine; and
//! Wine's own powershell.exe, which does nothing and says that it succeeded.

use std::path::{Path, PathBuf};

use domain::action::{Outcome, Shell};
use tokio::sync::Mutex;
use wire::{Order, Stream};

use super::files_of_scripts;
use crate::harness::{Server, script};

/// There is one place for each shell, and the tests share it.
static PLACE: Mutex<()> = Mutex::const_new(());

const POWERSHELL: &str = r"C:\windows\system32\WindowsPowerShell\v1.0\powershell.exe";
const PWSH: &str = r"C:\Program Files\PowerShell\7\pwsh.exe";

/// A shell's place with the stand-in in it; what was there comes back at the end.
struct StandIn {
    place: PathBuf,
    before: Option<Vec<u8>>,
}

impl StandIn {
    fn at(place: &str) -> Self {
        let place = PathBuf::from(place);
        let before = std::fs::read(&place).ok();
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        let built = Path::new(env!("CARGO_BIN_EXE_countersign-agent")).parent().unwrap();
        std::fs::copy(built.join("examples/powershell-stand-in.exe"), &place).unwrap();
        Self { place, before }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        match &self.before {
            Some(bytes) => std::fs::write(&self.place, bytes).unwrap(),
            None => std::fs::remove_file(&self.place).unwrap(),
        }
    }
}

/// The text of the fixture that has none in the file, because it is too long for a command line.
fn long() -> String {
    let lines: String = (0..1000)
        .map(|n| format!("# line {n} of a script that is too long for a command line\n"))
        .collect();
    lines + "Write-Output 'it was long'\n"
}

fn order(server: &Server, shell: Shell, text: &str) -> Order {
    server.order(script::script(shell, text))
}

/// R13: exit 0 and nothing else is no success; here by Wine's own powershell.exe, which is such a program.
#[tokio::test]
async fn a_shell_that_only_says_that_it_succeeded_is_not_believed() {
    let _alone = PLACE.lock().await;
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let story = server
        .story(
            &mut link,
            &order(&server, Shell::Powershell, "Restart-Service POSPrint"),
        )
        .await;
    assert_eq!((story.outcome(), story.finish().exit), (Outcome::Unknown, Some(0)));
    assert!(
        story.finish().note.contains("may not have run at all"),
        "{}",
        story.finish().note
    );
    assert_eq!(story.text(Stream::Stdout), "");
}

/// R13: both shells get the exact script by the documented switches; streams, exit codes and the sign of the end come back.
#[tokio::test]
async fn scripts_reach_powershell_exactly() {
    let _alone = PLACE.lock().await;
    let _places = [StandIn::at(POWERSHELL), StandIn::at(PWSH)];
    let mut server = Server::start().await;
    let (agent, mut link) = server.agent().await;
    for shell in [Shell::Powershell, Shell::Pwsh] {
        let status = "Get-Service -Name POSPrint | Format-List Name, Status";
        let story = server.story(&mut link, &order(&server, shell, status)).await;
        assert_eq!(
            (story.outcome(), story.finish().exit, story.finish().note.as_str()),
            (Outcome::Succeeded, Some(0), "")
        );
        assert!(story.text(Stream::Stdout).contains("Status : Running"));

        let signs = "# \u{2018}quotes\u{2019} 'single' \"double\" `tick` $dollar\r\nWrite-Output 'ä€ \u{1f600}'\r\n";
        let story = server.story(&mut link, &order(&server, shell, signs)).await;
        assert_eq!(
            story.text(Stream::Stdout),
            "ä€ \u{1f600}\r\n",
            "{}",
            story.text(Stream::Stderr)
        );

        let failing = "Write-Output 'before'\nWrite-Error 'no such printer'\nexit 3";
        let story = server.story(&mut link, &order(&server, shell, failing)).await;
        assert_eq!((story.outcome(), story.finish().exit), (Outcome::Failed, Some(3)));
        assert!(story.text(Stream::Stderr).contains("no such printer"));

        let story = server.story(&mut link, &order(&server, shell, &long())).await;
        assert_eq!(story.outcome(), Outcome::Succeeded, "{}", story.text(Stream::Stderr));
        assert_eq!(story.text(Stream::Stdout), "it was long\r\n");
    }
    assert_eq!(files_of_scripts(&agent), 0);
}

/// R13: a script that leaves by another door than its end is not called a success; one that the stand-in does not know
/// fails, so a fixture can't be missing unseen.
#[tokio::test]
async fn an_end_that_was_not_shown_is_unknown() {
    let _alone = PLACE.lock().await;
    let _place = StandIn::at(PWSH);
    let mut server = Server::start().await;
    let (_agent, mut link) = server.agent().await;
    let left = "Write-Output 'half'\n[Environment]::Exit(0)";
    let story = server.story(&mut link, &order(&server, Shell::Pwsh, left)).await;
    assert_eq!((story.outcome(), story.finish().exit), (Outcome::Unknown, Some(0)));
    assert_eq!(story.text(Stream::Stdout), "half\r\n");

    let story = server
        .story(&mut link, &order(&server, Shell::Pwsh, "no fixture"))
        .await;
    assert_eq!((story.outcome(), story.finish().exit), (Outcome::Failed, Some(1)));
    assert!(story.text(Stream::Stderr).contains("no fixture for the script"));
}
