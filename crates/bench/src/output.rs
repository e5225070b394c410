//! The output path: a program's bytes from its pipe through redaction and the durable spool over the link until they are
//! acknowledged, in MB per CPU second of the agent; against a program that only copies its pipe into a file and syncs it as
//! often. The program's own CPU time counts on neither side, and the server's is another process's.

use std::io::{Read as _, Write as _};
use std::process::{Command as Process, Stdio};

use anyhow::{Context, Result, bail};
use domain::action::{Command, Script, Shell};
use tokio::net::TcpListener;
use wire::ReportBody;

use crate::child::{Child, say};
use crate::peer::{Inside, Peer};
use crate::{Row, cpu, redaction};

/// Bytes that the program prints.
const SIZE: usize = 256 << 20;
/// Bytes between two syncs of the baseline: what the agent gathers at most.
const SYNC: usize = 1 << 20;
/// The role of the process that acknowledges.
pub(crate) const ROLE: &str = "acknowledges";

pub(crate) async fn measure() -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("output");
    let mut out = std::fs::File::create(&file)?;
    let text = redaction::corpus(8 << 20, 50);
    for _ in 0..SIZE / text.len() {
        out.write_all(text.as_bytes())?;
    }
    drop(out);
    let printed = std::fs::metadata(&file)?.len() as f64 / 1e6;
    let file = file.display().to_string();

    let mut server = Child::start(ROLE, &[format!("cat '{file}'")])?;
    let url = server.line()?;
    let before = cpu::used();
    let inside = Inside::start(folder.path(), &url, crate::latency::program()?)?;
    let ended = tokio::task::spawn_blocking(move || server.line()).await??;
    let ours = printed / (cpu::used() - before).as_secs_f64();
    anyhow::ensure!(ended == "all", "the server's side said: {ended}");
    inside.stop().await;

    let before = cpu::used();
    let mut cat = Process::new("cat").arg(&file).stdout(Stdio::piped()).spawn()?;
    let mut pipe = cat.stdout.take().context("its output")?;
    let mut copy = std::fs::File::create(folder.path().join("copy"))?;
    let (mut piece, mut unsynced) = (vec![0; 64 << 10], 0);
    loop {
        let n = pipe.read(&mut piece)?;
        if n == 0 {
            break;
        }
        copy.write_all(piece.get(..n).unwrap_or_default())?;
        unsynced += n;
        if unsynced >= SYNC {
            copy.sync_data()?;
            unsynced = 0;
        }
    }
    cat.wait()?;
    let baseline = printed / (cpu::used() - before).as_secs_f64();
    Ok(Row {
        what: "output, pipe to acknowledged (goal: 100)",
        ours,
        baseline,
        unit: "MB per CPU second",
        against: "copying the pipe into a file",
    })
}

/// The server's side: orders the script, acknowledges everything, and says when that was all.
pub(crate) async fn acknowledge(script: &str) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&format!("http://{}", listener.local_addr()?));
    let mut peer = Peer::accept(&listener).await?;
    let text = script.to_owned();
    let shell = Shell::Sh;
    peer.order(Command::Script(Script { shell, text })).await?;
    loop {
        let report = peer.report().await?;
        peer.acknowledge(&report).await?;
        match report.body {
            ReportBody::Finished(finish) if finish.exit == Some(0) => {
                say("all");
                return Ok(());
            }
            ReportBody::Finished(finish) => bail!("it ended as {}", finish.outcome.word()),
            ReportBody::Refused { detail, .. } => bail!("the agent refused: {detail}"),
            ReportBody::Started { .. } | ReportBody::Output { .. } => {}
        }
    }
}
