//! 50 MB of output through a link of 256 KiB/s, with small actions beside it. It takes minutes, so it runs only when it is
//! named: `cargo xtask bench slow-link`. (`make test` does the same with less output.)

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use domain::action::{Command, Script, Shell};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{sleep, sleep_until};
use wire::{OutputDigest, ReportBody};

use crate::peer::{Inside, Peer};
use crate::{Row, child};

const LINE: &str = "a line of a flood that is as long as lines of logs tend to be, with some words in it";
const LINES: usize = 50_000_000 / 85;
const RATE: f64 = 256.0 * 1024.0;
/// Time between the ends and starts of small actions.
const PAUSE: Duration = Duration::from_secs(5);

fn script(text: &str) -> Command {
    Command::Script(Script {
        shell: Shell::Sh,
        text: text.into(),
    })
}

pub(crate) async fn measure() -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = slow_before(listener.local_addr()?).await?;
    let inside = Inside::start(folder.path(), &url, crate::latency::program()?)?;
    let mut peer = Peer::accept(&listener).await?;
    let mut alone = Vec::new();
    for _ in 0..5 {
        let (began, quick) = (Instant::now(), peer.order(script("echo quick")).await?);
        loop {
            let report = peer.report().await?;
            peer.acknowledge(&report).await?;
            if report.action == quick && matches!(report.body, ReportBody::Finished(_)) {
                break;
            }
        }
        alone.push(began.elapsed().as_secs_f64());
    }

    let started = Instant::now();
    let flood = peer.order(script(&format!("yes '{LINE}' | head -n {LINES}"))).await?;
    let (mut digest, mut text, mut beside) = (OutputDigest::new(), 0, Vec::new());
    let mut memory = None;
    let (mut quick, mut next) = (None, Instant::now() + PAUSE);
    loop {
        let report = peer.report().await?;
        peer.acknowledge(&report).await?;
        match (report.action == flood, report.body) {
            (true, ReportBody::Output { stream, text: t, .. }) => {
                digest.push(stream, &t);
                text += t.len();
            }
            (true, ReportBody::Finished(finish)) => {
                anyhow::ensure!(
                    finish.output == digest.digest() && text == LINES * 85,
                    "bytes are missing"
                );
                break;
            }
            (false, ReportBody::Finished(_)) => {
                if let Some(began) = quick.take() {
                    beside.push(Instant::elapsed(&began).as_secs_f64());
                }
                next = Instant::now() + PAUSE;
            }
            (_, ReportBody::Refused { detail, .. }) => bail!("the agent refused: {detail}"),
            (_, ReportBody::Started { .. }) | (false, ReportBody::Output { .. }) => {}
        }
        if quick.is_none() && Instant::now() > next {
            memory = memory.or(Some(child::peak_of("self")?));
            quick = Some(Instant::now());
            peer.order(script("echo quick")).await?;
        }
    }
    let took = started.elapsed().as_secs_f64();
    let grown = child::peak_of("self")? - memory.unwrap_or_default();
    inside.stop().await;
    let worst = |all: &[f64]| all.iter().copied().fold(0.0, f64::max) * 1e3;
    Ok(vec![
        Row {
            what: "50 MB through 256 KiB/s",
            ours: took,
            baseline: text as f64 / RATE,
            unit: "s",
            against: "the bytes alone at that rate",
        },
        Row {
            what: "a small action meanwhile, the slowest",
            ours: worst(&beside),
            baseline: worst(&alone),
            unit: "ms",
            against: "the same without the flood",
        },
        Row {
            what: "peak memory meanwhile, agent and server's side",
            ours: grown / 1e6,
            baseline: text as f64 / 1e6,
            unit: "MB more",
            against: "the output",
        },
    ])
}

/// A slow link before `server`; gives its address.
async fn slow_before(server: std::net::SocketAddr) -> Result<String> {
    let socket = TcpSocket::new_v4()?;
    // What the system takes in advance would make the link look faster than it is.
    socket.set_recv_buffer_size(8 * 1024)?;
    socket.bind(std::net::SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let listener = socket.listen(16)?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut agent, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await?;
                // A link holds nothing back to send it together with what comes next.
                agent.set_nodelay(true)?;
                server.set_nodelay(true)?;
                let ((from_agent, to_agent), (from_server, to_server)) = (agent.split(), server.split());
                tokio::try_join!(slowly(from_agent, to_server), slowly(from_server, to_agent)).map(|_| ())
            });
        }
    });
    Ok(url)
}

async fn slowly(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> std::io::Result<()> {
    let mut piece = [0; 4096];
    let mut due = tokio::time::Instant::now();
    loop {
        let n = from.read(&mut piece).await?;
        if n == 0 {
            sleep(Duration::from_millis(10)).await;
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        due = due.max(tokio::time::Instant::now()) + Duration::from_secs_f64(n as f64 / RATE);
        sleep_until(due).await;
        to.write_all(piece.get(..n).unwrap_or_default()).await?;
    }
}
