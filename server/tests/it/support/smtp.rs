//! A mail server's side of RFC 5321.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Takes one message: what came before its text, and its text.
pub(crate) async fn received(socket: TcpStream) -> (String, String) {
    received_unless(socket, "nobody").await
}

/// The same, but refuses a recipient: then there is no text.
pub(crate) async fn received_unless(socket: TcpStream, refused: &str) -> (String, String) {
    let (reader, mut writer) = socket.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (mut envelope, mut message) = (String::new(), String::new());
    writer.write_all(b"220 mail.example\r\n").await.unwrap();
    while let Some(line) = lines.next_line().await.unwrap() {
        let answer: &[u8] = match line.split(' ').next().unwrap() {
            "EHLO" => b"250-mail.example\r\n250 8BITMIME\r\n",
            "DATA" => b"354 go on\r\n",
            "RCPT" if line.contains(refused) => b"550 no such person\r\n",
            _ => b"250 fine\r\n",
        };
        writer.write_all(answer).await.unwrap();
        if line == "DATA" {
            break;
        }
        envelope.push_str(&format!("{line}\n"));
    }
    while let Some(line) = lines.next_line().await.unwrap() {
        if line == "." {
            writer.write_all(b"250 kept\r\n").await.unwrap();
            break;
        }
        message.push_str(&format!("{line}\r\n"));
    }
    (envelope, message)
}
