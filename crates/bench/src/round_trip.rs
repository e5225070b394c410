//! A verb's round trip over loopback: from the order to its end, with the agent's own code in this process, real sockets and
//! the state machines of both sides; without durable commits (the server has none, the agent's files are in memory); against
//! the echo of a frame as long as the order.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use domain::action::{Command, Verb};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use wire::ReportBody;

use crate::Row;
use crate::peer::{Inside, Peer, folder_in_memory};

const ROUNDS: usize = 1000;
/// Rounds that are not counted.
const WARM_UP: usize = 100;
/// About what an order takes.
const FRAME: usize = 1200;

pub(crate) async fn measure() -> Result<Row> {
    let folder = folder_in_memory()?;
    let file = folder.path().join("terminal.conf");
    std::fs::write(&file, "timeout = 30\n")?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let inside = Inside::start(folder.path(), &url, crate::latency::program()?)?;
    let mut peer = Peer::accept(&listener).await?;
    let mut took = Vec::new();
    for _ in 0..ROUNDS + WARM_UP {
        let command = Command::Verb(Verb::FileRead {
            path: file.display().to_string(),
        });
        let started = Instant::now();
        peer.order(command).await?;
        loop {
            let report = peer.report().await?;
            peer.acknowledge(&report).await?;
            match report.body {
                ReportBody::Finished(_) => break,
                ReportBody::Started { .. } | ReportBody::Output { .. } => {}
                ReportBody::Refused { detail, .. } => bail!("the agent refused: {detail}"),
            }
        }
        took.push(started.elapsed());
    }
    drop(peer);
    inside.stop().await;
    let (ours, baseline) = (median_ms(&mut took), median_ms(&mut echoes().await?));
    Ok(Row {
        what: "verb round trip, median (goal: echo + 2 ms)",
        ours,
        baseline,
        unit: "ms",
        against: "a bare WebSocket echo",
    })
}

fn median_ms(took: &mut Vec<Duration>) -> f64 {
    let counted = took.split_off(WARM_UP.min(took.len()));
    *took = counted;
    took.sort_unstable();
    took.get(took.len() / 2).map_or(0.0, |d| d.as_secs_f64() * 1e3)
}

/// The same number of bare echoes.
async fn echoes() -> Result<Vec<Duration>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut socket = tokio_tungstenite::accept_async(stream).await?;
        while let Some(Ok(message)) = socket.next().await {
            socket.send(message).await?;
        }
        Ok::<_, anyhow::Error>(())
    });
    let (mut socket, _) = tokio_tungstenite::connect_async_with_config(url, None, true).await?;
    let mut took = Vec::new();
    for _ in 0..ROUNDS + WARM_UP {
        let started = Instant::now();
        socket.send(Message::text("x".repeat(FRAME))).await?;
        socket.next().await.context("the echo")??;
        took.push(started.elapsed());
    }
    serving.abort();
    Ok(took)
}
