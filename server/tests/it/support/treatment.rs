//! What a network may do to a connection, and numbers that look random to choose by.

use std::time::Duration;

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the agent to the server.
    Up,
    /// From the server to the agent.
    Down,
}

/// What goes wrong with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It is closed as soon as it was accepted.
    CloseAtOnce,
    /// It is cut after so many bytes of one direction, at whatever place of a frame that is.
    Cut { way: Way, after: u64 },
    /// Half open: after so many bytes nothing more passes in one direction, and nobody is told for a while.
    Stall { way: Way, after: u64, lasts: Duration },
    /// It arrives at the server twice with the same bytes of the agent; the second one's answers are thrown away. Cut later.
    Twice { after: u64 },
    /// The agent's side is cut after `until` bytes up, of which those behind `from` arrive at the server only once bytes
    /// of a later connection did.
    Late { from: u64, until: u64 },
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Treatment {
    pub(crate) fault: Fault,
    /// Each piece waits this long.
    pub(crate) delay: Duration,
    /// Bytes per second, for each direction.
    pub(crate) rate: Option<u64>,
    /// Whether its end is a reset, which drops what is under way.
    pub(crate) reset: bool,
}

impl Treatment {
    /// As a good network does it.
    pub(crate) const FINE: Self = Self {
        fault: Fault::None,
        delay: Duration::ZERO,
        rate: None,
        reset: false,
    };

    /// A slow link without faults.
    pub(crate) fn slow(rate: u64) -> Self {
        Self {
            rate: Some(rate),
            ..Self::FINE
        }
    }
}

/// Numbers that look random, the same for the same seed (SplitMix64).
pub(crate) struct Seeded(u64);

impl Seeded {
    /// From `COUNTERSIGN_SEED`, or from the clock; printed, so that a failing test says how to repeat it.
    #[expect(clippy::print_stdout, reason = "shown where the test fails")]
    pub(crate) fn new() -> Self {
        let given = std::env::var("COUNTERSIGN_SEED").ok().and_then(|s| s.parse().ok());
        let seed = given.unwrap_or_else(|| engine::Deps::system().now().0.unsigned_abs() % 1_000_000);
        println!("COUNTERSIGN_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of 0 … n - 1.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// At most 2^`bits`, each order of magnitude as likely as another; now and then a place in the handshake. (Not often: an
    /// agent that was not let in waits twice as long the next time.)
    fn place(&mut self, bits: u64) -> u64 {
        let bits = if self.below(7) == 0 {
            10
        } else {
            11 + self.below(bits - 10)
        };
        1 + self.below(1 << bits)
    }

    /// Whatever a network may do to a connection.
    pub(crate) fn treatment(&mut self) -> Treatment {
        let way = if self.below(2) == 0 { Way::Up } else { Way::Down };
        let fault = match self.below(20) {
            0 => Fault::CloseAtOnce,
            1..=8 => Fault::Cut {
                way,
                after: self.place(18),
            },
            9..=12 => Fault::Stall {
                way,
                after: self.place(17),
                lasts: Duration::from_millis(200 + self.below(1500)),
            },
            13..=15 => Fault::Twice {
                after: 2000 + self.place(17),
            },
            _ => {
                let from = self.place(16);
                Fault::Late {
                    from,
                    until: from + self.place(15),
                }
            }
        };
        Treatment {
            fault,
            delay: Duration::from_millis([0, 0, 1, 5][usize::try_from(self.below(4)).unwrap()]),
            rate: [None, None, Some(2_000_000), Some(300_000)][usize::try_from(self.below(4)).unwrap()],
            reset: self.below(2) == 0,
        }
    }
}
