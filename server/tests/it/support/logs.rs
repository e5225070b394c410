//! Everything that is logged in this test run, at the most talkative level.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use tracing_subscriber::EnvFilter;

/// What was logged so far.
pub(crate) type Logged = Arc<Mutex<Vec<u8>>>;

#[derive(Clone)]
struct Writer(Logged);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Begins to collect, once for all tests of the binary.
pub(crate) fn capture() -> Logged {
    static LOGGED: OnceLock<Logged> = OnceLock::new();
    LOGGED
        .get_or_init(|| {
            let logged = Logged::default();
            let writer = Writer(logged.clone());
            let ours = EnvFilter::new("trace");
            let subscriber = tracing_subscriber::fmt()
                .with_env_filter(ours)
                .with_writer(move || writer.clone())
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
            logged
        })
        .clone()
}
