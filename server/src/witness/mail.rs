//! Mail through somebody's mail server: a checkpoint, with the signed note attached byte for byte, an alarm, or an incident.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use audit::checkpoint::Checkpoint;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

/// How long a mail server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the attached note is called.
const FILE: &str = "checkpoint.txt";

/// Which server mail goes through, and from whom.
#[derive(Clone)]
pub struct MailServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for MailServer {
    /// Without the server's address, in which there can be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailServer")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Who is written to, and through which server.
#[derive(Clone, Debug)]
pub struct Mail {
    server: MailServer,
    to: Mailbox,
}

/// Why a letter was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Untaken {
    /// This one, and as it is: asking again soon would change nothing.
    #[error("the mail server refused it")]
    Refused,
    /// The mail server can't be reached, or takes nothing now.
    #[error("the mail server can't be reached, or takes nothing now")]
    Unreached,
}

fn address(what: &str, text: &str) -> Result<Mailbox> {
    text.parse()
        .with_context(|| format!("{what} {text} is no mail address"))
}

impl MailServer {
    /// Mail from one address. `server` is `smtps://name:password@host`, `smtp://name:password@host?tls=required` (STARTTLS), or
    /// `smtp://host` for one that wants no password.
    ///
    /// # Errors
    /// When the address or the server can't be read, or a password would be sent in the open. Nothing of `server` is in the
    /// error.
    pub fn new(server: &str, from: &str) -> Result<Self> {
        let url = reqwest::Url::parse(server).ok().filter(|u| u.has_host());
        let url = url.context("the mail server is not an address that begins with smtp:// or smtps://")?;
        let sealed = url.scheme() == "smtps"
            || url
                .query_pairs()
                .any(|(name, value)| name == "tls" && value == "required");
        ensure!(
            sealed || url.password().is_none(),
            "the mail server's password would be sent in the open: begin its address with smtps://, or end it with ?tls=required"
        );
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server)
            // An error of the library's could quote the address.
            .map_err(|_| {
                anyhow::anyhow!("the mail server's address can't be used: write it like smtps://name:password@host")
            })?;
        Ok(Self {
            transport: transport.timeout(Some(PATIENCE)).build(),
            from: address("the sender", from)?,
        })
    }

    /// Mail to one address.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn to(&self, to: &str) -> Result<Mail> {
        Ok(Mail {
            server: self.clone(),
            to: address("the recipient", to)?,
        })
    }
}

impl Mail {
    /// The recipient.
    pub(super) fn to(&self) -> String {
        self.to.to_string()
    }

    /// Sends a checkpoint.
    pub(super) async fn send(&self, note: &str) -> Result<()> {
        let state = Checkpoint::read_unverified(note).context("the checkpoint can't be read")?;
        let (log, size, root) = (&state.origin, state.size, state.root);
        let body = format!(
            "The record {log} has {size} leaves. Its root is\n\n{root}\n\n\
             Keep this message. The attached note is signed by the record's key: when the record is verified against it\n\n    \
             countersign verify --database DIR --checkpoints {FILE}\n\n\
             it must still begin with these leaves. If it doesn't, it was written anew.\n"
        );
        let attached = Attachment::new(FILE.to_owned()).body(note.as_bytes().to_vec(), ContentType::TEXT_PLAIN);
        let message = self.about(&format!("Checkpoint: {size} leaves of {log}")).multipart(
            MultiPart::mixed()
                .singlepart(SinglePart::plain(body))
                .singlepart(attached),
        );
        self.pass(message.context("writing the message")?).await
    }

    /// Sends a letter.
    pub(super) async fn write(&self, subject: &str, letter: String) -> Result<()> {
        let message = self.about(subject).singlepart(SinglePart::plain(letter));
        self.pass(message.context("writing the message")?).await
    }

    /// Sends a letter with an id by which a mailbox knows that it has it already. Neither the address nor the mail server's
    /// words, in which it can stand, are in an error.
    pub(super) async fn offer(&self, subject: &str, id: String, letter: String) -> Result<(), Untaken> {
        let message = self
            .about(subject)
            .message_id(Some(id))
            .singlepart(SinglePart::plain(letter));
        let message = message.map_err(|_| Untaken::Refused)?;
        match self.server.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(Untaken::Refused),
            Err(_) => Err(Untaken::Unreached),
        }
    }

    fn about(&self, subject: &str) -> MessageBuilder {
        let builder = Message::builder().from(self.server.from.clone()).to(self.to.clone());
        builder.subject(subject)
    }

    async fn pass(&self, message: Message) -> Result<()> {
        let sent = self.server.transport.send(message).await;
        sent.map(drop).context("the mail server did not take it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A password goes over no open connection, and into no error.
    #[test]
    fn a_mail_server_is_one_that_can_be_trusted_with_its_password() {
        let made = |server: &str| MailServer::new(server, "record@northwind.example");
        for good in [
            "smtp://mail.example",
            "smtps://name:s3cret@mail.example",
            "smtp://name:s3cret@mail.example:587?tls=required",
        ] {
            let mail = made(good).unwrap();
            assert!(!format!("{mail:?}").contains("s3cret"));
        }
        for bad in [
            "",
            "mail.example",
            "https://mail.example",
            "smtp://name:s3cret@mail.example",
            "smtp://name:s3cret@mail.example?tls=opportunistic",
        ] {
            let error = format!("{:#}", made(bad).unwrap_err());
            assert!(!error.contains("s3cret") && error.contains("smtp"), "{bad}: {error}");
        }
        assert!(MailServer::new("smtp://mail.example", "nobody").is_err());
        let server = MailServer::new("smtp://mail.example", "record@northwind.example").unwrap();
        assert!(server.to("auditor@example.com").is_ok() && server.to("a@b@c").is_err());
    }
}
