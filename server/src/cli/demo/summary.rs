//! What the demo prints when it is ready: where to go, and as whom.

use std::path::Path;
use std::time::Duration;

use super::folder::Kept;
use super::people::{ADMIN, CLIENT, CONTACT, DIRECTOR, ORG, Person, TECHNICIAN};
use crate::cli::tell;

/// What each person is for.
const PEOPLE: [(&Person, &str); 4] = [
    (&TECHNICIAN, "opens a session, asks, runs"),
    (&CONTACT, "approves, narrows, denies (phone)"),
    (&DIRECTOR, "finds, exports, shares"),
    (&ADMIN, "people, clients, endpoints"),
];

/// Prints it.
pub(super) fn print(url: &str, data: &Path, kept: &Kept, took: Duration) {
    tell(&text(url, data, kept, took));
}

fn text(url: &str, data: &Path, kept: &Kept, took: Duration) -> String {
    let people: String = PEOPLE
        .iter()
        .map(|(p, what)| format!("    {:<11} {:<22} {:<24} {what}\n", p.role.word(), p.email, p.password))
        .collect();
    format!(
        "\n  Countersign demo: {ORG}, client {CLIENT}\n\n    {url}\n\n  Sign in as\n    {:<11} {:<22} {:<24}\n{people}\n  \
         Look at\n    a finished session   {url}{}\n    this machine         {url}{}\n    a public share       {url}{}\n\n  \
         Try: as technician open a session on this machine and read a file below\n    {}\n  then decide it as the contact in another \
         window.\n\n  Data: {}   Ready in {:.1} s.   Ctrl-C stops server and agent.\n",
        "role",
        "e-mail",
        "password",
        kept.session,
        kept.endpoint,
        kept.share,
        kept.machine.display(),
        data.display(),
        took.as_secs_f64(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_and_every_address_is_named() {
        let kept = Kept {
            share: "/s/t#v1.2.aa.bb".into(),
            session: "/sessions/x".into(),
            endpoint: "/endpoints/y".into(),
            machine: "/m/pos".into(),
        };
        let text = text(
            "http://127.0.0.1:3000",
            Path::new("/d"),
            &kept,
            Duration::from_millis(1200),
        );
        for part in [
            "tech@demo.example",
            "demo password contact",
            "http://127.0.0.1:3000/s/t#v1.2.aa.bb",
            "/sessions/x",
            "1.2 s",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
