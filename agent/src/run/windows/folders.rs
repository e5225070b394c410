//! Where Windows is, and the environment that programs get.

use std::path::PathBuf;

use super::super::MARK;

/// Variables that say where things are, given on as the system gave them to the agent, where it did.
const GIVEN_ON: [&str; 9] = [
    "ALLUSERSPROFILE",
    "CommonProgramFiles",
    "NUMBER_OF_PROCESSORS",
    "PROCESSOR_ARCHITECTURE",
    "ProgramData",
    "ProgramFiles",
    "ProgramFiles(x86)",
    "PUBLIC",
    "USERPROFILE",
];

/// The folder of Windows itself, as the system says it is; the agent's own variables play no part.
pub(super) fn windows() -> PathBuf {
    win::folders::windows().unwrap_or_else(|_| PathBuf::from(r"C:\Windows"))
}

/// Windows' folder of programs.
pub(super) fn system() -> PathBuf {
    windows().join("System32")
}

/// The root of the drive that Windows is on: the folder in which programs start.
pub(super) fn root() -> PathBuf {
    windows()
        .ancestors()
        .last()
        .map_or_else(|| PathBuf::from(r"C:\"), Into::into)
}

/// The environment that programs get, and nothing else of the agent's:
///
/// - `SystemRoot`, `windir`, `SystemDrive`, `ComSpec`, as the system says;
/// - `PATH`: Windows' own folders, those of PowerShell and of OpenSSH; `PATHEXT`: `.COM;.EXE;.BAT;.CMD`;
/// - `TEMP` and `TMP`: `Temp` in Windows' folder;
/// - what says where things are ([`GIVEN_ON`]), as the agent has it;
/// - `COUNTERSIGN_ACTION`, the action's id, by which an administrator can tell what belongs to an action.
pub fn environment(action: &str) -> Vec<(String, String)> {
    let shown = |path: PathBuf| path.display().to_string();
    let (windows, system) = (windows(), system());
    let path = [
        system.clone(),
        windows.clone(),
        system.join("Wbem"),
        system.join(r"WindowsPowerShell\v1.0"),
        system.join("OpenSSH"),
    ];
    let own = [
        ("SystemRoot", shown(windows.clone())),
        ("windir", shown(windows.clone())),
        ("SystemDrive", shown(root()).trim_end_matches('\\').to_owned()),
        ("ComSpec", shown(system.join("cmd.exe"))),
        ("PATH", path.map(shown).join(";")),
        ("PATHEXT", ".COM;.EXE;.BAT;.CMD".to_owned()),
        ("TEMP", shown(windows.join("Temp"))),
        ("TMP", shown(windows.join("Temp"))),
        (MARK, action.to_owned()),
    ];
    let given = GIVEN_ON
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
    own.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .chain(given)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R13: the environment is the documented one.
    #[test]
    fn nothing_of_the_agents_own_is_given_on() {
        let environment = environment("the action");
        let get = |name: &str| {
            environment
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(get(MARK), Some("the action"));
        assert!(get("PATH").unwrap().to_lowercase().contains(r"\system32;"));
        assert_eq!(get("SystemDrive").map(str::len), Some(2));
        assert!(std::env::vars().count() > environment.len() - 9);
        assert!(environment.iter().all(|(name, _)| !name.starts_with("CARGO")));
    }
}
