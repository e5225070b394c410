//! The files that the demo's session reads: what a till's software might have on its disk.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Where they are.
pub(super) struct Machine {
    /// Everything of the till's software.
    pub(super) pos: PathBuf,
    /// The part of it that the contact allows.
    pub(super) settings: PathBuf,
    /// The file that is read there.
    pub(super) terminal: PathBuf,
    /// A file that is not allowed.
    pub(super) outside: PathBuf,
}

const TERMINAL: &str = "\
# Card terminal of register 07
[terminal]
model        = T-650p
connection   = tcp
gateway_host = gw.example.com
gateway_port = 443
merchant id: 4711000812346
keepalive_s  = 0        ; 0 turns keepalive off: the gateway drops idle connections after 90 s
last_error   = 2026-11-20 02:31:07 connection reset by peer
support      = helpdesk@example.com
";

const SERVER: &str = "\
[server]
bind    = 0.0.0.0:8443
workers = 4
";

const RECEIPT: &str = "\
Receipt 100244
Card 4242 4242 4242 4242
Total 18.40
";

/// Makes them below `folder`.
pub(super) fn make(folder: &Path) -> Result<Machine> {
    let pos = folder.join("machine/pos");
    let settings = pos.join("ConnectionSettings");
    let machine = Machine {
        terminal: settings.join("terminal.conf"),
        outside: pos.join("receipts/last.txt"),
        settings,
        pos,
    };
    for (file, text) in [
        (&machine.terminal, TERMINAL),
        (&machine.settings.join("server.conf"), SERVER),
        (&machine.outside, RECEIPT),
    ] {
        let parent = file.parent().context("a file below a folder")?;
        fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        fs::write(file, text).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(machine)
}
