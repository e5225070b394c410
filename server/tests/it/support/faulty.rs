//! A network that misbehaves: a proxy between agent and server that delays, slows down, cuts, stalls, doubles and reorders
//! connections, by a schedule that a seed repeats.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::treatment::{Fault, Treatment, Way};

/// The most bytes that are carried at once.
const PIECE: usize = 4096;

/// What the proxy's kernel may hold of a connection before its sender has to wait: a slow link must be slow for the sender.
const HELD_BY_KERNEL: u32 = 8 * 1024;

/// How long bytes that come late wait for a later connection's.
const LATE: Duration = Duration::from_secs(3);

/// How long a connection lasts whose bytes are held back.
const STUCK: Duration = Duration::from_millis(500);

type Schedule = Box<dyn FnMut(u64) -> Treatment + Send>;

/// The proxy.
pub(crate) struct Faulty {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    server: SocketAddr,
    schedule: Mutex<(u64, Schedule)>,
    /// The treatments given, in order.
    given: Mutex<Vec<Treatment>>,
    /// The latest connection of which bytes reached the server.
    latest: AtomicU64,
    arrived: Notify,
    cut: Notify,
}

impl Faulty {
    /// A proxy before `server`, with nothing wrong yet.
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(HELD_BY_KERNEL).unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            server,
            schedule: Mutex::new((0, Box::new(|_| Treatment::FINE))),
            given: Mutex::default(),
            latest: AtomicU64::new(0),
            arrived: Notify::new(),
            cut: Notify::new(),
        });
        let carrying = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            for number in 1.. {
                let Ok((agent, _)) = listener.accept().await else {
                    return;
                };
                let treatment = carrying.next();
                let shared = Arc::clone(&carrying);
                tokio::spawn(async move {
                    tokio::select! {
                        () = Carried { number, treatment }.carry(agent, &shared) => {}
                        () = shared.cut.notified() => {}
                    }
                });
            }
        });
        Self {
            address,
            shared,
            accepting,
        }
    }

    /// What happens to the connections from now on; the schedule is asked with 0, 1, 2 …
    pub(crate) fn set(&self, schedule: impl FnMut(u64) -> Treatment + Send + 'static) {
        *self.shared.schedule.lock().unwrap() = (0, Box::new(schedule));
    }

    /// Cuts every connection that there is.
    pub(crate) fn cut_all(&self) {
        self.shared.cut.notify_waiters();
    }

    /// What happened so far.
    pub(crate) fn given(&self) -> Vec<Treatment> {
        self.shared.given.lock().unwrap().clone()
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn next(&self) -> Treatment {
        let mut schedule = self.schedule.lock().unwrap();
        let (n, of) = &mut *schedule;
        let treatment = of(*n);
        *n += 1;
        self.given.lock().unwrap().push(treatment);
        treatment
    }

    fn passed(&self, number: u64) {
        self.latest.fetch_max(number, Ordering::SeqCst);
        self.arrived.notify_waiters();
    }

    /// Returns once bytes of a connection after `number` reached the server.
    async fn overtaken(&self, number: u64) {
        loop {
            let arrived = self.arrived.notified();
            if self.latest.load(Ordering::SeqCst) > number {
                return;
            }
            arrived.await;
        }
    }
}

/// One connection.
#[derive(Clone, Copy)]
struct Carried {
    number: u64,
    treatment: Treatment,
}

impl Carried {
    async fn carry(self, mut agent: TcpStream, shared: &Shared) {
        if self.treatment.fault == Fault::CloseAtOnce {
            return;
        }
        let Ok(mut server) = TcpStream::connect(shared.server).await else {
            return;
        };
        let _ = (agent.set_nodelay(true), server.set_nodelay(true));
        if self.treatment.reset {
            let _ = (agent.set_zero_linger(), server.set_zero_linger());
        }
        let (mut from_agent, mut to_agent) = agent.split();
        let (mut from_server, mut to_server) = server.split();
        let up = |most| self.pump(Way::Up, most, shared);
        let down = |most| self.pump(Way::Down, most, shared);
        match self.treatment.fault {
            Fault::None | Fault::CloseAtOnce => tokio::select! {
                () = up(u64::MAX).run(&mut from_agent, &mut to_server) => {}
                () = down(u64::MAX).run(&mut from_server, &mut to_agent) => {}
            },
            Fault::Cut { way, after } => {
                let most = |of| if of == way { after } else { u64::MAX };
                tokio::select! {
                    () = up(most(Way::Up)).run(&mut from_agent, &mut to_server) => {}
                    () = down(most(Way::Down)).run(&mut from_server, &mut to_agent) => {}
                }
            }
            Fault::Stall { way, after, lasts } => {
                let stalls = |of| (of == way).then_some(lasts);
                let most = |of| if of == way { after } else { u64::MAX };
                tokio::select! {
                    () = async {
                        up(most(Way::Up)).run(&mut from_agent, &mut to_server).await;
                        sleep(stalls(Way::Up).unwrap_or_default()).await;
                    } => {}
                    () = async {
                        down(most(Way::Down)).run(&mut from_server, &mut to_agent).await;
                        sleep(stalls(Way::Down).unwrap_or_default()).await;
                    } => {}
                }
            }
            Fault::Twice { after } => {
                let Ok(mut second) = TcpStream::connect(shared.server).await else {
                    return;
                };
                let (mut answers, to_second) = second.split();
                let mut both = Both(&mut to_server, to_second);
                let mut nowhere = tokio::io::sink();
                tokio::select! {
                    () = up(after).run_both(&mut from_agent, &mut both) => {}
                    () = down(u64::MAX).run(&mut from_server, &mut to_agent) => {}
                    // That the server ends the second one is no reason to end the first.
                    () = async {
                        let _ = tokio::io::copy(&mut answers, &mut nowhere).await;
                        std::future::pending().await
                    } => {}
                }
            }
            Fault::Late { from, until } => {
                let mut held = Vec::new();
                tokio::select! {
                    () = async {
                        up(from).run(&mut from_agent, &mut to_server).await;
                        // In a handshake the agent says no more until it is answered.
                        let _ = timeout(STUCK, up(until - from).run(&mut from_agent, &mut held)).await;
                    } => {}
                    () = down(u64::MAX).run(&mut from_server, &mut to_agent) => {}
                }
                drop(agent);
                let _ = timeout(LATE, shared.overtaken(self.number)).await;
                let _ = to_server.write_all(&held).await;
                // Its answers, the acknowledgements, reach nobody.
                let _ = timeout(LATE, tokio::io::copy(&mut from_server, &mut tokio::io::sink())).await;
            }
        }
    }

    fn pump<'a>(self, way: Way, most: u64, shared: &'a Shared) -> Pump<'a> {
        Pump {
            carried: self,
            way,
            left: most,
            due: Instant::now(),
            shared,
        }
    }
}

/// One direction of a connection, as long as it works.
struct Pump<'a> {
    carried: Carried,
    way: Way,
    left: u64,
    /// When the link is free again.
    due: Instant,
    shared: &'a Shared,
}

/// Two connections to the server.
struct Both<'a, A, B>(&'a mut A, B);

impl Pump<'_> {
    /// Carries bytes until there are no more, or as many as may pass have passed.
    async fn run(mut self, from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) {
        let mut piece = [0; PIECE];
        while let Some(n) = self.take(from, &mut piece).await {
            if to.write_all(&piece[..n]).await.is_err() {
                return;
            }
            self.gave();
        }
    }

    async fn run_both<A: AsyncWrite + Unpin, B: AsyncWrite + Unpin>(
        mut self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut Both<'_, A, B>,
    ) {
        let mut piece = [0; PIECE];
        while let Some(n) = self.take(from, &mut piece).await {
            // The server may have refused the second one by now.
            let _ = to.1.write_all(&piece[..n]).await;
            if to.0.write_all(&piece[..n]).await.is_err() {
                return;
            }
            self.gave();
        }
    }

    async fn take(&mut self, from: &mut (impl AsyncRead + Unpin), piece: &mut [u8]) -> Option<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.len());
        if most == 0 {
            return None;
        }
        let n = from.read(&mut piece[..most]).await.ok().filter(|n| *n > 0)?;
        self.left -= n as u64;
        let Treatment { delay, rate, .. } = self.carried.treatment;
        sleep(delay).await;
        if let Some(rate) = rate {
            self.due = self.due.max(Instant::now()) + Duration::from_secs_f64(n as f64 / rate as f64);
            sleep_until(self.due).await;
        }
        Some(n)
    }

    fn gave(&self) {
        if self.way == Way::Up {
            self.shared.passed(self.carried.number);
        }
    }
}
