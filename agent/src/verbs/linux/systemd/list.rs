//! All services that systemd knows: those that it holds in memory with their states, and those that are only installed.

use std::collections::BTreeMap;

use zbus::Connection;
use zbus::zvariant::OwnedObjectPath;

use super::{MANAGER, PATH, SYSTEMD};
use crate::end::End;
use crate::output::Output;
use crate::verbs::table::table;

/// A unit as `ListUnits` gives it: name, description, load, active and sub state, the unit that it follows, its object, and
/// its job's number, kind and object (org.freedesktop.systemd1(5)).
type Unit = (
    String,
    String,
    String,
    String,
    String,
    String,
    OwnedObjectPath,
    u32,
    String,
    OwnedObjectPath,
);

/// Asks systemd and says what it knows.
pub(in crate::verbs) async fn run(output: &mut Output) -> End {
    let mut stop = output.stop_signal();
    let asked = async { list(&Connection::system().await?).await };
    match stop.or(asked).await {
        Err(reason) => reason.into(),
        Ok(Err(e)) => End::failed(format!("systemd did not answer: {e}.")),
        Ok(Ok(text)) => output.say(&text).await.map_or_else(End::from, |()| End::succeeded()),
    }
}

pub(super) async fn list(bus: &Connection) -> zbus::Result<String> {
    let ask = |method| bus.call_method(Some(SYSTEMD), PATH, Some(MANAGER), method, &());
    let units: Vec<Unit> = ask("ListUnits").await?.body().deserialize()?;
    let files: Vec<(String, String)> = ask("ListUnitFiles").await?.body().deserialize()?;
    // How each is started, by its name; a template (`getty@.service`) is no service by itself.
    let mut installed: BTreeMap<String, String> = files
        .into_iter()
        .filter_map(|(path, state)| Some((service(path.rsplit('/').next()?)?, state)))
        .filter(|(name, _)| !name.ends_with('@'))
        .collect();
    let mut rows: Vec<Vec<String>> = units
        .into_iter()
        .filter(|(_, _, load, ..)| load != "not-found")
        .filter_map(|(name, description, _, active, sub, ..)| {
            let name = service(&name)?;
            let start = installed.remove(&name).unwrap_or_else(|| "-".into());
            Some(vec![name, format!("{active} ({sub})"), start, description])
        })
        .collect();
    rows.extend(
        installed
            .into_iter()
            .map(|(name, start)| vec![name, "inactive (not loaded)".into(), start, "-".into()]),
    );
    rows.sort();
    Ok(table(&["SERVICE", "STATE", "START", "DESCRIPTION"], &rows, &[]))
}

/// The name without its ending, of a unit that is a service.
fn service(unit: &str) -> Option<String> {
    unit.strip_suffix(".service").map(ToOwned::to_owned)
}
