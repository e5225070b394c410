//! The composer: one field in which a technician types what to do, and a line under it that says what will happen.
//!
//! Without a script it is a plain form. With one, `Enter` proposes, `Shift Enter` starts a new line, `Esc` leaves, and the
//! arrow up brings back what was proposed before.

use std::time::Duration;

use domain::action::ActionState;
use domain::api::CommandPreview;
use domain::finding::FindingCounts;
use leptos::html::{Select, Textarea};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api;
use super::compose::{self, FORMS, Mistake};
use super::desk::{Acts, Desk};
use crate::api_error::AppError;
use crate::ui::{Form, Glyph, Icon, Job, Submit};

/// How long nothing is typed before the server is asked what would happen.
const PAUSE: Duration = Duration::from_millis(250);

/// What is said about the text in the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Said {
    /// Nothing is typed.
    #[default]
    Nothing,
    /// It is no command yet.
    Mistake(Mistake),
    /// It is one; the server is being asked.
    Asking,
    /// What would happen.
    Preview(CommandPreview),
    /// The server could not say.
    Failed(AppError),
}

/// What is typed, and what is said about it.
#[derive(Clone, Copy)]
struct Typing {
    verb: RwSignal<String>,
    text: RwSignal<String>,
    said: RwSignal<Said>,
    /// How far back the arrow up has gone; 0 is the text itself.
    back: RwSignal<usize>,
}

impl Typing {
    fn new() -> Self {
        Self {
            verb: RwSignal::default(),
            text: RwSignal::default(),
            said: RwSignal::default(),
            back: RwSignal::new(0),
        }
    }

    /// Reads what is typed now; `true` when it is a command.
    fn read(self) -> bool {
        let (verb, text) = (self.verb.get_untracked(), self.text.get_untracked());
        let said = match compose::parse(&verb, &text) {
            Ok(_) => Said::Asking,
            Err(_) if verb.is_empty() && text.trim().is_empty() => Said::Nothing,
            Err(mistake) => Said::Mistake(mistake),
        };
        let is_command = said == Said::Asking;
        self.said.set(said);
        is_command
    }

    /// Asks the server what would happen. An answer about something else than what is typed by then is dropped.
    fn ask(self, session: String) {
        let (verb, text) = (self.verb.get_untracked(), self.text.get_untracked());
        // It may have been proposed, or taken out, during the pause.
        if compose::parse(&verb, &text).is_err() {
            return;
        }
        spawn_local(async move {
            let answer = api::preview(session, verb.clone(), text.clone()).await;
            let same = self.verb.try_get_untracked() == Some(verb) && self.text.try_get_untracked() == Some(text);
            if same {
                let _ = self.said.try_set(answer.map_or_else(Said::Failed, Said::Preview));
            }
        });
    }
}

/// The composer of an open session.
#[component]
pub fn Composer(
    /// The session.
    desk: Desk,
    /// What can be done.
    acts: Acts,
) -> impl IntoView {
    let typing = Typing::new();
    let area = NodeRef::<Textarea>::new();
    let chooser = NodeRef::<Select>::new();
    let session = desk.id();
    // A plain handle: a closure kept for this thread alone would panic when the server drops the page on another one.
    let timer: StoredValue<Option<TimeoutHandle>> = StoredValue::new(None);
    let changed = move || {
        stop(timer);
        if typing.read() {
            timer.set_value(set_timeout_with_handle(move || typing.ask(desk.id()), PAUSE).ok());
        }
    };
    on_cleanup(move || stop(timer));
    // What was typed before the script had loaded.
    Effect::new(move |_| {
        if let Some(text) = area.get().map(|a| a.value()).filter(|t| !t.is_empty()) {
            typing.text.set(text);
            changed();
        }
    });
    // A proposal that arrived leaves the field empty for the next.
    Effect::new(move |before: Option<usize>| {
        let now = acts.propose.version().get();
        if before.is_some_and(|b| b != now) && acts.propose.value().with_untracked(|v| matches!(v, Some(Ok(())))) {
            put(area, typing, "");
            typing.said.set(Said::Nothing);
        }
        now
    });
    let on_key = move |ev: web_sys::KeyboardEvent| match ev.key().as_str() {
        "Enter" if !ev.shift_key() && !ev.is_composing() => {
            ev.prevent_default();
            if let Some(form) = area.get_untracked().and_then(|a| a.form()) {
                let _ = form.request_submit();
            }
        }
        "Escape" => drop(area.get_untracked().map(|a| a.blur())),
        "ArrowUp" | "ArrowDown" if recalls(typing, area) => {
            ev.prevent_default();
            recall(desk, typing, area, ev.key() == "ArrowUp");
            changed();
        }
        _ => {}
    };
    let forms = desk.view.with_untracked(|v| compose::forms(v.capabilities.as_deref()));
    let options: Vec<_> = forms
        .iter()
        .map(|f| view! { <option value=f.verb>{option_label(f)}</option> })
        .collect();
    view! {
        <section class="composer" id="composer" aria-label="Propose an action">
            <Form action=acts.propose class="composer-form">
                <input type="hidden" name="session" value=session/>
                <div class="composer-row">
                    <select
                        class="input composer-verb"
                        name="verb"
                        aria-label="Verb"
                        node_ref=chooser
                        on:change=move |ev| {
                            typing.verb.set(event_target_value(&ev));
                            changed();
                        }
                    >
                        <option value="">"As typed"</option>
                        {options}
                    </select>
                    <textarea
                        class="input mono composer-text"
                        name="text"
                        rows="1"
                        node_ref=area
                        aria-label="What to do"
                        aria-describedby="composer-said"
                        placeholder=move || placeholder(&typing.verb.get())
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        on:input=move |ev| {
                            typing.back.set(0);
                            typing.text.set(event_target_value(&ev));
                            changed();
                        }
                        on:keydown=on_key
                    ></textarea>
                    <Submit>"Propose"</Submit>
                </div>
            </Form>
            <div class="composer-said" id="composer-said" aria-live="polite">
                {move || said(typing.said.get(), &typing.verb.get())}
                {move || {
                    instead(&typing.said.get())
                        .map(|text| {
                            let take = {
                                let text = text.clone();
                                move |_| {
                                    if let Some(chooser) = chooser.get_untracked() {
                                        chooser.set_value("");
                                    }
                                    typing.verb.set(String::new());
                                    put(area, typing, &text);
                                    changed();
                                }
                            };
                            view! {
                                <p class="said">
                                    <Icon glyph=Glyph::Unknown/>
                                    <span>
                                        "The agent can do this by itself, without a shell: " <code>{text}</code> " "
                                        <button class="button quiet" type="button" on:click=take>"Write it so"</button>
                                    </span>
                                </p>
                            }
                        })
                }}
            </div>
            {what_can_be_typed(&forms)}
        </section>
    }
}

/// Forgets the question that was about to be asked.
fn stop(timer: StoredValue<Option<TimeoutHandle>>) {
    if let Some(running) = timer.try_update_value(Option::take).flatten() {
        running.clear();
    }
}

/// Puts `text` into the field.
fn put(area: NodeRef<Textarea>, typing: Typing, text: &str) {
    if let Some(area) = area.get_untracked() {
        area.set_value(text);
    }
    typing.text.set(text.to_owned());
}

/// Whether an arrow recalls: the field is empty, or holds what was recalled.
fn recalls(typing: Typing, area: NodeRef<Textarea>) -> bool {
    typing.back.get_untracked() > 0 || area.get_untracked().is_some_and(|a| a.value().is_empty())
}

/// Goes one proposal back, or one forward again.
fn recall(desk: Desk, typing: Typing, area: NodeRef<Textarea>, further: bool) {
    let before: Vec<String> = desk
        .view
        // A redacted command is not the one that ran.
        .with_untracked(|v| {
            let whole = v.actions.iter().rev().filter(|a| !a.redacted);
            whole.map(|a| compose::text_of(&a.command)).collect()
        });
    let at = typing.back.get_untracked();
    let at = if further {
        (at + 1).min(before.len())
    } else {
        at.saturating_sub(1)
    };
    let text = at
        .checked_sub(1)
        .and_then(|i| before.get(i))
        .cloned()
        .unwrap_or_default();
    put(area, typing, &text);
    typing.back.set(at);
}

fn option_label(f: &compose::Form) -> String {
    if f.verb.contains('.') {
        f.verb.to_owned()
    } else {
        format!("{} script", f.verb)
    }
}

fn placeholder(verb: &str) -> String {
    match FORMS.iter().find(|f| f.verb == verb) {
        Some(f) if f.argument.is_empty() => "Nothing to add: press Enter".into(),
        Some(f) => f.example.into(),
        None => "file.tail /var/log/syslog 100".into(),
    }
}

/// The line under the field.
fn said(said: Said, verb: &str) -> AnyView {
    match said {
        Said::Nothing => {
            let hint = if verb.is_empty() {
                "Type a verb and what it is for. Nothing runs before you press Enter."
            } else {
                "Nothing runs before you press Enter."
            };
            view! { <p class="said">{hint}</p> }.into_any()
        }
        Said::Mistake(m) => view! {
            <p class="said">
                <Icon glyph=Glyph::Unknown/>
                <span>{m.sentence} {m.hint.map(|hint| view! { " " <code>{hint}</code> })}</span>
            </p>
        }
        .into_any(),
        Said::Asking => view! { <p class="said">"Asking what will happen …"</p> }.into_any(),
        Said::Preview(p) => {
            let (job, glyph) = look(p.state);
            view! {
                <p class=format!("said {}", job.class())>
                    <Icon glyph=glyph/>
                    <span><strong>{p.verdict}</strong> " " {p.reach} " " <code class="said-scope">{p.scope}</code>{hidden(&p.hidden)}</span>
                </p>
            }
            .into_any()
        }
        Said::Failed(e) => {
            view! { <p class="said job-refused"><Icon glyph=Glyph::Refused/><span>{e.sentence()}</span></p> }.into_any()
        }
    }
}

/// That what is sensitive in a script is seen by nobody, where there is some.
fn hidden(found: &FindingCounts) -> Option<AnyView> {
    let kinds: Vec<&str> = found.keys().map(|kind| kind.label()).collect();
    (!kinds.is_empty()).then(|| {
        let text = format!(
            " Hidden in it from the record and from who approves: {}. The exact text runs, and is forgotten when it has.",
            kinds.join(", ")
        );
        view! { <span class="said-hidden">{text}</span> }.into_any()
    })
}

/// What to type in place of a script that means a verb.
fn instead(said: &Said) -> Option<String> {
    match said {
        Said::Preview(p) => p.instead.as_ref().map(compose::text_of),
        Said::Nothing | Said::Mistake(_) | Said::Asking | Said::Failed(_) => None,
    }
}

fn look(state: ActionState) -> (Job, Glyph) {
    match state {
        ActionState::Waiting => (Job::Waiting, Glyph::Waiting),
        ActionState::Refused => (Job::Refused, Glyph::Refused),
        ActionState::Authorised | ActionState::Dispatched | ActionState::Running | ActionState::Finished => {
            (Job::Authorised, Glyph::Allowed)
        }
    }
}

fn what_can_be_typed(forms: &[&'static compose::Form]) -> AnyView {
    let rows: Vec<_> = forms
        .iter()
        .map(|f| {
            let colon = if f.verb.contains('.') { "" } else { ":" };
            view! {
                <div class="typed-row">
                    <dt><code>{f.verb}{colon} " " <span class="typed-argument">{f.argument}</span></code></dt>
                    <dd>{f.what}</dd>
                </div>
            }
        })
        .collect();
    view! {
        <details class="composer-help">
            <summary>"What can be typed"</summary>
            <dl>{rows}</dl>
            <p>
                "Press Enter to propose, Shift Enter for a new line, arrow up for what you proposed before. Without choosing a verb, start with it; a script starts with its shell, as in "
                <code>"sh:"</code> " or " <code>"powershell:"</code> "."
            </p>
        </details>
    }
    .into_any()
}
