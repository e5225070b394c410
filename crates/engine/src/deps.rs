//! What the engine takes from outside: time and randomness, and what is made of them (ids, tokens, salts).

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::digest::Digest;
use domain::timestamp::Timestamp;
use uuid::Uuid;

/// A clock.
pub trait Clock: Send + Sync {
    /// The time now, UTC.
    fn now(&self) -> Timestamp;
}

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills `out`.
    fn fill(&self, out: &mut [u8]);
}

/// Time and randomness.
#[derive(Clone)]
pub struct Deps {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub random: Arc<dyn Random>,
}

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }
}

struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) {
        // The operating system's generator fails only where the system itself is broken; nothing safe can go on then.
        getrandom::fill(out).expect("the operating system gives random bytes");
    }
}

impl Deps {
    /// The system's clock and random generator.
    pub fn system() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.random.fill(&mut out);
        out
    }

    /// A UUID of version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits.
    pub fn uuid(&self) -> Uuid {
        let mut b: [u8; 16] = self.bytes();
        let ms = u64::try_from(self.now().millis()).unwrap_or(0).to_be_bytes();
        b[..6].copy_from_slice(&ms[2..]);
        b[6] = 0x70 | (b[6] & 0x0f);
        b[8] = 0x80 | (b[8] & 0x3f);
        Uuid::from_bytes(b)
    }

    /// A secret of 256 random bits, as 43 characters that are safe in a URL and begin with a letter or digit: one that began
    /// with a dash would be taken for an option in the command that it is handed on in.
    pub fn secret(&self) -> String {
        loop {
            let secret = URL_SAFE_NO_PAD.encode(self.bytes::<32>());
            if secret.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                return secret;
            }
        }
    }
}

/// What is stored of a secret: its hash. With 256 random bits neither salt nor stretching adds anything.
pub(crate) fn hash_secret(secret: &str) -> String {
    Digest::of(&[b"countersign secret v1\n", secret.as_bytes()]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let deps = Deps::system();
        let a = deps.uuid();
        assert_eq!(a.get_version_num(), 7);
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(deps.uuid() > a);
    }

    /// A secret stands in commands that people copy, where a dash at its start would make an option of it.
    #[test]
    fn a_secret_begins_with_a_letter_or_digit() {
        for _ in 0..1000 {
            let secret = Deps::system().secret();
            assert_eq!(secret.len(), 43);
            assert!(secret.as_bytes()[0].is_ascii_alphanumeric(), "it begins otherwise");
        }
    }
}
