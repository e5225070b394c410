//! A pipe that only blocks, as a stream: a thread reads it and hands its pieces on. The thread waits while nobody takes
//! them, and with it the program that writes.

use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc::{Receiver, Sender, channel};

const PIECE: usize = 64 * 1024;

/// How many pieces may wait to be taken.
const AHEAD: usize = 4;

/// The pieces of a pipe, to its end.
#[derive(Debug)]
pub(in crate::run) struct Pieces {
    from: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    /// How much of the piece was taken.
    taken: usize,
}

impl Pieces {
    /// Begins to read a pipe. The thread ends with the pipe, or with the first piece that nobody takes any more: when a
    /// program that was left running holds the pipe open, that is when it next writes.
    pub(super) fn of(pipe: File) -> io::Result<Self> {
        let (to, from) = channel(AHEAD);
        std::thread::Builder::new()
            .name("pipe".into())
            .spawn(move || pump(pipe, &to))?;
        Ok(Self {
            from,
            piece: vec![],
            taken: 0,
        })
    }
}

fn pump(mut pipe: File, to: &Sender<Vec<u8>>) {
    let mut buffer = vec![0; PIECE];
    loop {
        match pipe.read(&mut buffer) {
            // A pipe whose writers are gone ends, or is broken, which is the same here.
            Ok(0) => return,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
            Ok(n) => {
                if to.blocking_send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        }
    }
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.taken == self.piece.len() {
            let Some(piece) = ready!(self.from.poll_recv(cx)) else {
                return Poll::Ready(Ok(()));
            };
            self.piece = piece;
            self.taken = 0;
        }
        let rest = &self.piece[self.taken..];
        let count = rest.len().min(into.remaining());
        into.put_slice(&rest[..count]);
        self.taken += count;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};
    use tokio::io::AsyncReadExt;

    /// R14: all of it comes in order, and whoever does not read holds the writer up instead of filling memory.
    #[tokio::test]
    async fn a_pipe_is_read_to_its_end_and_no_further_than_it_is_taken() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..PIECE * 20).map(|n| n.to_le_bytes()[1]).collect();
        file.write_all(&bytes).unwrap();
        file.rewind().unwrap();
        let mut place = file.try_clone().unwrap();
        let mut pieces = Pieces::of(file).unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let ahead = place.stream_position().unwrap();
        assert!(ahead <= (PIECE * (AHEAD + 1)) as u64, "{ahead} bytes were read ahead");
        let mut all = vec![];
        pieces.read_to_end(&mut all).await.unwrap();
        assert!(all == bytes);
    }
}
