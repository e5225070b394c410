//! Verbs on Linux: files checked by what was opened, logs in the journal or below `/var/log`, services by systemd over D-Bus
//! where it runs and by init scripts where it does not.

pub(super) mod accounts;
pub(super) mod file;
pub(super) mod log;
pub(super) mod net;
pub(super) mod service;
pub(super) mod systemd;
