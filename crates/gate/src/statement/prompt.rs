//! A statement as the lines of a prompt, in the order in which an approver needs them.

use std::time::Duration;

use domain::action::Command;
use domain::timestamp::for_people;

use super::{Statement, Subject};
use crate::escape::{Shown, show, show_line};

/// What a line answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Who asks, and in which role.
    Who,
    /// On which endpoint of which client.
    Where,
    /// Which key the endpoint has.
    EndpointKey,
    /// For what reason.
    Why,
    /// The ticket.
    Ticket,
    /// The workflow that asks.
    Workflow,
    /// Exactly what: a verb with its parameters (as a scope), a scope, or a script's whole text. Draw it as code.
    What,
    /// That parts of a script are shown by placeholders, and what binds the exact text.
    Hidden,
    /// The shell of a script.
    Shell,
    /// What it reaches, in plain words.
    Reach,
    /// One note; there may be several lines of this, or none.
    Risk,
    /// How often, and for how long.
    HowLong,
    /// When it was asked.
    Asked,
    /// Until when it can be decided.
    Until,
    /// The policy's rule that asks for a person.
    Rule,
    /// The statement's digest: what the decision names.
    Digest,
}

/// One line of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptLine {
    /// What it answers.
    pub part: Part,
    /// Its text, with nothing hidden.
    pub shown: Vec<Shown>,
}

impl Part {
    /// The label beside the line.
    pub fn label(self) -> &'static str {
        match self {
            Self::Who => "Who asks",
            Self::Where => "On",
            Self::EndpointKey => "Its key",
            Self::Why => "Why",
            Self::Ticket => "Ticket",
            Self::Workflow => "Workflow",
            Self::What => "Exactly what",
            Self::Hidden => "Hidden",
            Self::Shell => "Run by",
            Self::Reach => "What it reaches",
            Self::Risk => "Note",
            Self::HowLong => "How long",
            Self::Asked => "Asked",
            Self::Until => "Decide until",
            Self::Rule => "Asked because of",
            Self::Digest => "Statement",
        }
    }

    /// Whether to draw it as code.
    pub fn is_code(self) -> bool {
        matches!(self, Self::What | Self::EndpointKey | Self::Digest)
    }
}

impl PromptLine {
    /// The text without styling; still unambiguous.
    pub fn text(&self) -> String {
        self.shown.iter().map(|s| s.text.as_str()).collect()
    }
}

impl Statement {
    /// The prompt. Every untrusted text in it is escaped; a script keeps its line breaks.
    pub fn prompt(&self) -> Vec<PromptLine> {
        let line = |part, text: &str| PromptLine {
            part,
            shown: show_line(text),
        };
        let mut lines = vec![
            line(Part::Who, &format!("{}, {}", self.requester.name, self.requester.role)),
            line(
                Part::Where,
                &format!("{} of {} ({})", self.endpoint.name, self.client.name, self.org.name),
            ),
            line(Part::EndpointKey, &self.endpoint.key.to_string()),
            line(Part::Why, &self.session.reason),
        ];
        lines.extend(self.session.ticket.iter().map(|t| line(Part::Ticket, t)));
        lines.extend(self.what());
        lines.push(line(Part::Reach, &self.reach));
        lines.extend(self.risks.iter().map(|r| line(Part::Risk, r)));
        lines.push(line(Part::HowLong, &self.how_long()));
        lines.push(line(Part::Asked, &self.not_before.for_people()));
        lines.push(line(Part::Until, &self.expires.for_people()));
        lines.push(line(
            Part::Rule,
            &format!("rule {}, policy version {}", self.rule, self.policy_version),
        ));
        lines.push(line(Part::Digest, &self.digest().to_string()));
        lines
    }

    fn what(&self) -> Vec<PromptLine> {
        let line = |part, text: &str| PromptLine {
            part,
            shown: show_line(text),
        };
        match &self.subject {
            Subject::Action {
                command: Command::Script(script),
                digest,
                redacted,
                ..
            } => {
                let hidden = || {
                    let text = format!(
                        "What is sensitive in the script stands here as placeholders. Approved is the exact text, whose SHA-256 is {digest}."
                    );
                    line(Part::Hidden, &text)
                };
                let what = PromptLine {
                    part: Part::What,
                    shown: show(&script.text),
                };
                let shell = line(Part::Shell, script.shell.word());
                [what].into_iter().chain(redacted.then(hidden)).chain([shell]).collect()
            }
            // Written as its narrowest scope, whose quotation marks no name can hold: where a name ends is never in doubt.
            Subject::Action {
                command: Command::Verb(verb),
                ..
            } => {
                // What a registry write sets is no part of its scope, and is the very thing to decide about.
                let setting = verb.setting().map(|s| format!(" {s}")).unwrap_or_default();
                vec![line(Part::What, &format!("{}{setting}", self.scope()))]
            }
            Subject::Access { scope, workflow, .. } => {
                let what = line(Part::What, &scope.to_string());
                workflow.iter().map(|w| line(Part::Workflow, w)).chain([what]).collect()
            }
        }
    }

    fn how_long(&self) -> String {
        match &self.subject {
            Subject::Action { .. } => "Once.".into(),
            Subject::Access { grant_minutes, .. } => {
                let time = for_people(Duration::from_secs(u64::from(*grant_minutes) * 60));
                match self.uses {
                    1 => format!("Once, within {time} after approval."),
                    uses => format!("At most {uses} times, within {time} after approval."),
                }
            }
        }
    }
}
