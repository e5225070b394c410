//! `system.info`, `process.list` and `disk.usage`. Command lines are left out of the process list on purpose: they are where
//! secrets stand.

use std::time::Duration;

use domain::timestamp::for_people;
use sysinfo::{Disks, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

use super::table::{bytes, table};
use crate::end::End;
use crate::output::Output;

/// Why something could not be described.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Describes something; it may block.
pub(super) type Describe = fn() -> Result<String, Failure>;

/// Says what `describe` found, which may block.
pub(super) async fn tell(output: &mut Output, describe: Describe) -> End {
    let mut stop = output.stop_signal();
    let found = match stop.or(tokio::task::spawn_blocking(describe)).await {
        Ok(found) => found,
        Err(reason) => return reason.into(),
    };
    match found {
        Ok(Ok(text)) => output.say(&text).await.map_or_else(End::from, |()| End::succeeded()),
        Ok(Err(e)) => End::failed(format!("The system did not tell: {e}.")),
        Err(e) => End::failed(format!("Looking failed: {e}.")),
    }
}

/// The system, one fact a line.
pub(super) fn system() -> Result<String, Failure> {
    let mut system = System::new()?;
    system.refresh_memory();
    system.refresh_cpu_all();
    let unknown = || "not known".to_owned();
    let uptime = System::uptime().map_or_else(|_| unknown(), |s| for_people(Duration::from_secs(s)));
    let cpus = system.cpus();
    let brand = cpus
        .first()
        .map(|c| c.brand().trim().to_owned())
        .filter(|b| !b.is_empty());
    let load = System::load_average().map_or_else(
        |_| unknown(),
        |l| format!("{:.2} {:.2} {:.2}", l.one, l.five, l.fifteen),
    );
    let facts = [
        ("Host", crate::service::host_name()),
        ("System", crate::service::os_name()),
        ("Kernel", System::kernel_version().unwrap_or_else(|_| unknown())),
        ("Architecture", std::env::consts::ARCH.to_owned()),
        ("Up for", uptime),
        (
            "Processors",
            format!("{}{}", cpus.len(), brand.map(|b| format!(" × {b}")).unwrap_or_default()),
        ),
        ("Load", load),
        (
            "Memory",
            format!(
                "{} of {} used",
                bytes(system.used_memory()),
                bytes(system.total_memory())
            ),
        ),
        (
            "Swap",
            format!("{} of {} used", bytes(system.used_swap()), bytes(system.total_swap())),
        ),
    ];
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    Ok(facts
        .iter()
        .map(|(name, fact)| format!("{name:width$}  {fact}\n"))
        .collect())
}

/// The running processes, the busiest first.
pub(super) fn processes() -> Result<String, Failure> {
    let mut system = System::new()?;
    let what = ProcessRefreshKind::nothing()
        .with_cpu()
        .with_memory()
        .with_user(UpdateKind::Always)
        .without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    // Load is what was used between two looks.
    std::thread::sleep(sysinfo::MINIMUM_CPU_UPDATE_INTERVAL);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    let mut processes: Vec<_> = system.processes().values().collect();
    processes.sort_by(|a, b| b.cpu_usage().total_cmp(&a.cpu_usage()).then(a.pid().cmp(&b.pid())));
    let owner = owners();
    let rows: Vec<Vec<String>> = processes
        .iter()
        .map(|p| {
            vec![
                p.pid().to_string(),
                p.parent().map_or_else(|| "-".into(), |pid| pid.to_string()),
                p.user_id().map_or_else(|| "-".into(), |uid| owner(&uid.to_string())),
                format!("{:.1}", p.cpu_usage()),
                bytes(p.memory()),
                for_people(Duration::from_secs(p.run_time())),
                p.name().to_string_lossy().into_owned(),
            ]
        })
        .collect();
    Ok(table(
        &["PID", "PARENT", "OWNER", "CPU %", "MEMORY", "FOR", "NAME"],
        &rows,
        &[0, 1, 3, 4],
    ))
}

/// The mounted file systems.
pub(super) fn disks() -> Result<String, Failure> {
    let disks = Disks::new_with_refreshed_list()?;
    let mut rows: Vec<Vec<String>> = disks
        .iter()
        .map(|d| {
            let (total, free) = (d.total_space(), d.available_space());
            let used = total.saturating_sub(free);
            let percent = if total == 0 {
                "-".into()
            } else {
                format!("{} %", u128::from(used) * 100 / u128::from(total))
            };
            vec![
                d.mount_point().to_string_lossy().into_owned(),
                bytes(total),
                bytes(used),
                bytes(free),
                percent,
                d.file_system().to_string_lossy().into_owned(),
                d.name().to_string_lossy().into_owned(),
            ]
        })
        .collect();
    rows.sort();
    Ok(table(
        &["MOUNTED ON", "SIZE", "USED", "FREE", "USE", "TYPE", "DEVICE"],
        &rows,
        &[1, 2, 3, 4],
    ))
}

#[cfg(target_os = "linux")]
fn owners() -> impl Fn(&str) -> String {
    super::linux::accounts::names()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R12: the inventory verbs describe this machine.
    #[test]
    fn this_machine_is_described() {
        let system = system().unwrap();
        assert!(system.contains("Memory") && system.contains("Processors"), "{system}");
        let processes = processes().unwrap();
        let own = std::process::id().to_string();
        assert!(
            processes.lines().any(|l| l.trim_start().starts_with(&own)),
            "{processes}"
        );
        assert!(disks().unwrap().starts_with("MOUNTED ON"));
    }
}
