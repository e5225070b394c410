//! `net.probe`: whether a TCP port answers, and how fast. Nothing is sent.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::end::End;
use crate::output::Output;
use crate::stop::StopReason;

/// How long a name may take to resolve, and an address to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most addresses that are tried.
const ADDRESSES: usize = 8;

/// Tells whether `host` answers.
pub(super) async fn run(host: &str, port: u16, output: &mut Output) -> End {
    match connect(host, port, output).await {
        Ok(Ok(_)) => End::succeeded(),
        Ok(Err(end)) => end,
        Err(reason) => reason.into(),
    }
}

/// Tries the addresses of `host` one after another until one answers, and tells what came of each.
///
/// # Errors
/// When the action has to end; inside, when nothing answers.
pub(super) async fn connect(host: &str, port: u16, output: &mut Output) -> Result<Result<TcpStream, End>, StopReason> {
    let mut stop = output.stop_signal();
    let started = Instant::now();
    let addresses: Vec<SocketAddr> = match stop.or(timeout(PATIENCE, lookup_host((host, port)))).await? {
        Ok(Ok(found)) => found.take(ADDRESSES).collect(),
        Ok(Err(e)) => return Ok(Err(End::failed(format!("The name {host} could not be resolved: {e}.")))),
        Err(_) => {
            return Ok(Err(End::failed(format!(
                "The name {host} was not resolved within {} s.",
                PATIENCE.as_secs()
            ))));
        }
    };
    if host.parse::<std::net::IpAddr>().is_err() {
        let list: Vec<String> = addresses.iter().map(|a| a.ip().to_string()).collect();
        output
            .say(&format!(
                "{host} resolves to {} ({} ms)\n",
                list.join(", "),
                started.elapsed().as_millis()
            ))
            .await?;
    }
    let mut last = "it has no address".to_owned();
    for address in addresses {
        let started = Instant::now();
        let answer = stop.or(timeout(PATIENCE, TcpStream::connect(address))).await?;
        let took = started.elapsed();
        match answer {
            Ok(Ok(stream)) => {
                output
                    .say(&format!("{address} answers ({:.1} ms)\n", took.as_secs_f64() * 1000.0))
                    .await?;
                return Ok(Ok(stream));
            }
            Ok(Err(e)) => last = why(&e),
            Err(_) => last = format!("no answer within {} s", PATIENCE.as_secs()),
        }
        output
            .say(&format!(
                "{address} does not answer: {last} ({} ms)\n",
                took.as_millis()
            ))
            .await?;
    }
    Ok(Err(End::failed(format!(
        "Port {port} of {host} does not answer: {last}."
    ))))
}

fn why(e: &io::Error) -> String {
    let words = [
        (io::ErrorKind::ConnectionRefused, "the connection was refused"),
        (io::ErrorKind::HostUnreachable, "the host can't be reached"),
        (io::ErrorKind::NetworkUnreachable, "the network can't be reached"),
        (io::ErrorKind::TimedOut, "no answer"),
    ];
    words
        .iter()
        .find(|(kind, _)| *kind == e.kind())
        .map_or_else(|| e.to_string(), |(_, words)| (*words).to_owned())
}
