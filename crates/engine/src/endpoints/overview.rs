//! The overview: what waits, what is open, the endpoints, and a week in figures.

use std::time::Duration;

use domain::api::{ApprovalRow, Overview, RequestState, Week, WeekDay};
use domain::roles::{Caller, Permission};
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use super::list::rows_of;
use crate::access;
use crate::approvals::list;
use crate::engine::Engine;
use crate::error::Failure;
use crate::incidents;
use crate::sessions::rows;
use crate::store::entity::{action, approval_request, session};
use crate::store::scope::OrgScope;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The first page. Who may read everything sees everything; an approver sees their clients, a technician their own sessions.
pub(super) async fn overview(engine: &Engine, caller: &Caller) -> Result<Overview, Failure> {
    let scope = engine.scope(caller.org);
    let now = engine.now();
    let clients = access::clients_of(&scope, caller).await?;
    let all = caller.may(Permission::Audit) || caller.may(Permission::Administer) || caller.may(Permission::Initiate);
    let waiting: Vec<ApprovalRow> = list::rows(engine, caller)
        .await?
        .into_iter()
        .filter(|r| r.state == RequestState::Pending)
        .collect();
    let open = scope
        .find::<session::Entity>()
        .filter(session::Column::ClosedAt.is_null());
    let open = open
        .order_by_desc(session::Column::OpenedAt)
        .limit(200)
        .all(scope.conn)
        .await?;
    let readable = |s: &session::Model| {
        caller.may(Permission::Audit) || s.technician_id == caller.person || clients.contains(&s.client_id)
    };
    let open_sessions = rows(&scope, open.into_iter().filter(readable).collect()).await?;
    let incidents = incidents::still_open(&scope, caller).await?;
    let endpoints = rows_of(&scope, if all { None } else { Some(&clients) }).await?;
    let (week, refused, findings) = week(&scope, caller, now).await?;
    Ok(Overview {
        waiting,
        incidents,
        open_sessions,
        endpoints,
        week,
        refused,
        findings,
    })
}

/// Seven days up to now: of everything for those who may read it, of one's own for a technician.
async fn week<C: ConnectionTrait>(
    scope: &OrgScope<'_, C>,
    caller: &Caller,
    now: Timestamp,
) -> Result<(Week, u64, u64), Failure> {
    let from = Timestamp::parse_minute(&now.minus(DAY * 6).day()).map_err(Failure::stored)?;
    let everything = caller.may(Permission::Audit);
    let mut sessions = scope
        .find::<session::Entity>()
        .filter(session::Column::OpenedAt.gte(from));
    let mut requests = scope
        .find::<approval_request::Entity>()
        .filter(approval_request::Column::AskedAt.gte(from));
    if !everything {
        let clients = access::clients_of(scope, caller).await?;
        let own = session::Column::TechnicianId.eq(caller.person);
        let of_clients = session::Column::ClientId.is_in(clients.clone());
        sessions = sessions.filter(Condition::any().add(own).add(of_clients));
        let own = approval_request::Column::RequesterId.eq(caller.person);
        let of_clients = approval_request::Column::ClientId.is_in(clients);
        requests = requests.filter(Condition::any().add(own).add(of_clients));
    }
    let sessions = sessions.all(scope.conn).await?;
    let requests = requests.all(scope.conn).await?;
    let ids = sessions.iter().map(|s| s.id);
    let actions = scope
        .find::<action::Entity>()
        .filter(action::Column::SessionId.is_in(ids));
    let actions: Vec<(String, i64)> = actions
        .select_only()
        .column(action::Column::State)
        .column(action::Column::Findings)
        .into_tuple()
        .all(scope.conn)
        .await?;
    let refused = actions.iter().filter(|(state, _)| state == "refused").count() as u64;
    let findings = actions.iter().map(|(_, n)| u64::try_from(*n).unwrap_or(0)).sum();
    let days = (0..7)
        .map(|i| day(from.plus(DAY * i).day(), &sessions, &requests))
        .collect();
    Ok((Week { days }, refused, findings))
}

fn day(day: String, sessions: &[session::Model], requests: &[approval_request::Model]) -> WeekDay {
    let opened = sessions.iter().filter(|s| s.opened_at.day() == day);
    let lasted = opened
        .clone()
        .filter_map(|s| Some(s.closed_at?.since(s.opened_at).as_secs()))
        .collect();
    let asked = || requests.iter().filter(|r| r.asked_at.day() == day);
    let of = |words: &'static [&'static str]| asked().filter(move |r| words.contains(&r.state.as_str()));
    let decided = of(&["approved", "narrowed", "denied"]);
    let took = decided
        .filter_map(|r| Some(r.decided_at?.since(r.asked_at).as_secs()))
        .collect();
    WeekDay {
        sessions: opened.count() as u64,
        approved: of(&["approved", "narrowed"]).count() as u64,
        refused: of(&["denied", "expired"]).count() as u64,
        median_decision_s: median(took),
        median_session_s: median(lasted),
        day,
    }
}

/// The median; of an even number of values, the lower of the two in the middle.
fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    let middle = values.len().checked_sub(1)? / 2;
    values.get(middle).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_a_value_that_occurred() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9]), Some(9));
        assert_eq!(median(vec![9, 1]), Some(1));
        assert_eq!(median(vec![3, 9, 1]), Some(3));
    }
}
