//! Server functions of settings.
#![expect(
    missing_docs,
    reason = "the fields that #[server] makes are the functions' arguments"
)]

use domain::api::{ClientRow, PersonRow, TokenRow};
#[cfg(feature = "ssr")]
use domain::{
    api::{ApiError, Field, Invitation, NewClient, NewToken, TokenSpec},
    ids::{ClientId, PersonId, TokenId},
    roles::{Role, Roles},
};
use leptos::prelude::*;
use server_fn::codec::PostUrl;

use super::once::Once;
use crate::answer::AnswerOutput;
use crate::api_error::AppError;
#[cfg(feature = "ssr")]
use crate::ctx::{backend, caller, own_origin};

/// The people of the org.
#[server(endpoint = "list_people")]
pub async fn list_people() -> Result<Vec<PersonRow>, AppError> {
    Ok(backend().people(&caller()?).await?)
}

/// Adds a person and makes their one-time link.
#[server(endpoint = "invite", input = PostUrl, output = AnswerOutput)]
pub async fn invite(name: String, email: String, #[server(default)] roles: Vec<String>) -> Result<Once, AppError> {
    let who = Invitation {
        name: name.trim().to_owned(),
        email: email.trim().to_owned(),
        roles: parse_roles(&roles)?,
    };
    let link = backend().invite(&caller()?, who).await?;
    Ok(Once {
        title: format!("One-time link for {}", name.trim()),
        lead: "Send it to them in a way that you trust. They choose a password with it.".into(),
        what: "the link".into(),
        text: format!("{}{}", own_origin(), link.path),
        also: vec![],
        works: "works once".into(),
        expires: link.expires,
        back: "/settings/people".into(),
    })
}

/// Sets a person's roles.
#[server(endpoint = "set_roles")]
pub async fn set_roles(person: String, #[server(default)] roles: Vec<String>) -> Result<(), AppError> {
    let person: PersonId = person.parse().map_err(|_| ApiError::NotFound)?;
    Ok(backend().set_roles(&caller()?, person, parse_roles(&roles)?).await?)
}

/// The clients.
#[server(endpoint = "list_clients")]
pub async fn list_clients() -> Result<Vec<ClientRow>, AppError> {
    Ok(backend().clients(&caller()?).await?)
}

/// Adds a client.
#[server(endpoint = "create_client")]
pub async fn create_client(name: String, tags: String, hosts: String) -> Result<(), AppError> {
    let new = NewClient {
        name: name.trim().to_owned(),
        tags: words(&tags),
        registered_hosts: words(&hosts),
    };
    backend().create_client(&caller()?, new).await?;
    Ok(())
}

/// Names who approves for a client.
#[server(endpoint = "set_contacts")]
pub async fn set_contacts(client: String, #[server(default)] contacts: Vec<String>) -> Result<(), AppError> {
    let people = contacts.iter().map(|c| c.parse()).collect::<Result<Vec<PersonId>, _>>();
    let people = people.map_err(|_| ApiError::invalid(Field::Contact, "Choose people from the list."))?;
    Ok(backend().set_contacts(&caller()?, client_id(&client)?, people).await?)
}

/// Makes an enrolment token and gives the commands to run on the machine. With a client alone it is for one machine of theirs,
/// within the hour.
#[server(endpoint = "create_token", input = PostUrl, output = AnswerOutput)]
pub async fn create_token(
    #[server(default)] client: String,
    #[server(default)] name: String,
    #[server(default)] hostname: String,
    #[server(default)] uses: Option<u32>,
    #[server(default)] minutes: Option<u32>,
    #[server(default)] confirmation: bool,
) -> Result<Once, AppError> {
    let client = match client.as_str() {
        "" => None,
        id => Some(client_id(id)?),
    };
    let spec = TokenSpec {
        client,
        hostname: Some(hostname).filter(|h| !h.trim().is_empty()),
        uses: uses.unwrap_or(1),
        minutes: minutes.unwrap_or(60),
        confirmation,
    };
    let uses = spec.uses;
    let token = backend().create_token(&caller()?, spec).await?;
    let title = if name.is_empty() {
        "Enrolment token".to_owned()
    } else {
        format!("Enrolment token for {name}")
    };
    Ok(once_of_token(token, &title, uses))
}

/// The enrolment tokens that can still be used.
#[server(endpoint = "list_tokens")]
pub async fn list_tokens() -> Result<Vec<TokenRow>, AppError> {
    Ok(backend().tokens(&caller()?).await?)
}

/// Stops an enrolment token at once.
#[server(endpoint = "revoke_token")]
pub async fn revoke_token(token: String) -> Result<(), AppError> {
    Ok(backend().revoke_token(&caller()?, token_id(&token)?).await?)
}

/// Stops an enrolment token at once and makes one like it.
#[server(endpoint = "rotate_token", input = PostUrl, output = AnswerOutput)]
pub async fn rotate_token(token: String) -> Result<Once, AppError> {
    let (caller, old) = (caller()?, token_id(&token)?);
    let tokens = backend().tokens(&caller).await?;
    let left = tokens.iter().find(|t| t.id == old).map_or(1, |t| t.uses - t.used);
    let token = backend().rotate_token(&caller, old).await?;
    Ok(once_of_token(
        token,
        "New enrolment token; the old command no longer works",
        left,
    ))
}

/// What is to be run on the machine.
#[cfg(feature = "ssr")]
fn once_of_token(token: NewToken, title: &str, uses: u32) -> Once {
    let (url, secret) = (own_origin(), token.token);
    Once {
        title: title.to_owned(),
        lead: "On Linux, run this as root, then start the agent with countersign-agent run. The endpoint shows as pending until it has connected."
            .into(),
        what: "the command".into(),
        text: format!("countersign-agent enrol --url {url} --token {secret}"),
        also: vec![(
            "On Windows, in a console that was opened as administrator; the service starts by itself:".into(),
            format!("msiexec /i countersign-agent.msi URL={url} TOKEN={secret} /qn"),
        )],
        works: if uses == 1 { "works once".into() } else { format!("works for {uses} machines") },
        expires: token.expires,
        back: "/settings/enrolment".into(),
    }
}

#[cfg(feature = "ssr")]
fn token_id(id: &str) -> Result<TokenId, ApiError> {
    id.parse().map_err(|_| ApiError::NotFound)
}

#[cfg(feature = "ssr")]
fn client_id(id: &str) -> Result<ClientId, ApiError> {
    id.parse().map_err(|_| ApiError::NotFound)
}

#[cfg(feature = "ssr")]
fn parse_roles(words: &[String]) -> Result<Roles, ApiError> {
    let roles = words.iter().map(|w| w.parse::<Role>()).collect::<Result<_, _>>();
    match roles.map(Roles) {
        Ok(roles) if !roles.0.is_empty() => Ok(roles),
        Ok(_) | Err(_) => Err(ApiError::invalid(Field::Roles, "Choose at least one role.")),
    }
}

/// Words apart by commas, spaces or lines.
#[cfg(feature = "ssr")]
fn words(text: &str) -> Vec<String> {
    text.split([',', ' ', '\n', '\r', '\t'])
        .map(str::trim)
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_at_least_one_role_that_exists() {
        assert!(parse_roles(&[]).is_err());
        assert!(parse_roles(&["root".into()]).is_err());
        assert_eq!(parse_roles(&["admin".into()]).unwrap(), Roles::from([Role::Admin]));
    }

    #[test]
    fn tags_and_hosts_are_read_however_they_are_written() {
        assert_eq!(words("pci, sox\r\n gw.example:443 "), ["pci", "sox", "gw.example:443"]);
    }
}
