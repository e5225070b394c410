//! The box to try it.

use domain::api::{ClientRedaction, Field, Tried};
use domain::finding::FindingCounts;
use leptos::prelude::*;

use super::TryRedaction;
use crate::answer::Answer;
use crate::session::output::findings_sentence;
use crate::ui::field::Choice;
use crate::ui::{Form, Kind, Section, Select, Submit, Table, TextArea};

impl Answer for Tried {
    #[cfg(feature = "ssr")]
    fn title(&self) -> String {
        "As it would be stored".into()
    }

    #[cfg(feature = "ssr")]
    fn view(&self) -> AnyView {
        view! {
            {shown(self)}
            <p class="form-actions"><a class="button primary" href="/settings/redaction">"Back to the settings"</a></p>
        }
        .into_any()
    }
}

/// The text with its placeholders, and by which rules they came.
fn shown(tried: &Tried) -> AnyView {
    let mut counts = FindingCounts::new();
    for finding in &tried.findings {
        *counts.entry(finding.kind).or_default() += 1;
    }
    let rows: Vec<_> = tried
        .findings
        .iter()
        .map(|f| {
            view! {
                <tr>
                    <td data-label="What">{f.kind.label()}</td>
                    <td data-label="Rule"><code>{f.rule.clone()}</code></td>
                    <td data-label="How sure">{f.confidence.clone()}</td>
                </tr>
            }
        })
        .collect();
    let table = (!rows.is_empty())
        .then(|| view! { <Table caption="What was found" columns=&["What", "Rule", "How sure"]>{rows}</Table> });
    view! {
        <p><strong>{findings_sentence(&counts)}</strong> ". Nothing of what you entered was kept."</p>
        <pre class="json" tabindex="0"><code>{tried.text.clone()}</code></pre>
        {table}
    }
    .into_any()
}

/// The box, and what came of it.
#[component]
pub(super) fn TryIt(clients: Vec<ClientRedaction>, action: ServerAction<TryRedaction>) -> impl IntoView {
    let any = std::iter::once(Choice {
        value: String::new(),
        label: "Any client".into(),
        chosen: true,
    });
    let of: Vec<_> = any
        .chain(clients.into_iter().map(|c| Choice {
            value: c.client.id,
            label: c.client.name,
            chosen: false,
        }))
        .collect();
    let value = action.value();
    view! {
        <Section title="Try it">
            <Form action=action>
                <Select label="As for" name="client" id="try-client" choices=of/>
                <TextArea
                    label="Text"
                    name="text"
                    field=Field::Text
                    rows=6
                    mono=true
                    required=true
                    hint="Paste output. It is redacted as it would be, shown, and forgotten; nothing of it is recorded."
                />
                <div class="form-actions"><Submit kind=Kind::Plain>"Show what would be stored"</Submit></div>
            </Form>
            <div role="status">
                {move || value.with(|v| v.as_ref().and_then(|r| r.as_ref().ok()).map(shown))}
            </div>
        </Section>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use domain::api::TriedFinding;
    use domain::finding::FindingKind;

    use super::*;
    use crate::answer::answered_to;

    /// R74: without script the result is a page, with the text escaped.
    #[test]
    fn a_plain_form_is_answered_with_the_text() {
        let tried = Tried {
            text: "<b>[e-mail #abcde]".into(),
            findings: vec![TriedFinding {
                kind: FindingKind::Email,
                rule: "email.address".into(),
                confidence: "certain".into(),
            }],
        };
        let (body, _) = answered_to(&tried, "/api/try_redaction", "text/html");
        assert!(body.contains("&lt;b&gt;[e-mail #abcde]"), "{body}");
        assert!(body.contains("1 finding") && body.contains("email.address"), "{body}");
        let (body, _) = answered_to(&tried, "/api/try_redaction", "application/json");
        assert_eq!(serde_json::from_str::<Tried>(&body).unwrap(), tried);
    }
}
