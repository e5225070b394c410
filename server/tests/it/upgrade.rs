//! A database of before, brought up to date: what was in it is still there and still refers to what it did.

use migration::Migrator;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait as _;

/// How many migrations there were before endpoints could wait to be confirmed.
const BEFORE: u32 = 8;

const ROWS: &str = "
    INSERT INTO org (id, name, created_at) VALUES (x'01', 'Northwind', 1);
    INSERT INTO person (org_id, id, issuer, subject, name, roles, created_at) VALUES (x'01', x'02', 'local', 'a@b', 'Ada', 'technician', 1);
    INSERT INTO client (org_id, id, name, tags, registered_hosts, created_at) VALUES (x'01', x'03', 'Harbour', '', '', 1);
    INSERT INTO endpoint (org_id, id, client_id, name, os, agent_version, public_key, state, connection, enrolled_at, last_seen)
        VALUES (x'01', x'04', x'03', 'till', 'o', 'v', 'aa', 'ready', 7, 1, 2), (x'01', x'05', x'03', 'kiosk', 'o', 'v', 'bb', 'pending', 0, 1, NULL),
            (x'01', x'06', x'03', 'gone', 'o', 'v', 'cc', 'removed', 3, 1, 2);
    INSERT INTO session (org_id, id, endpoint_id, endpoint_name, client_id, client_name, technician_id, technician_name, reason, ticket, opened_at, opened_leaf)
        VALUES (x'01', x'07', x'04', 'till', x'03', 'Harbour', x'02', 'Ada', 'r', '', 1, 1);
    INSERT INTO enrolment_token (hash, org_id, client_id, expires_at, used_at) VALUES ('h1', x'01', x'03', 9000000000000, NULL), ('h2', x'01', x'03', 9000000000000, 5);";

async fn rows(database: &DatabaseConnection, sql: &str) -> Vec<(String, i64)> {
    let found = database
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap();
    found
        .iter()
        .map(|r| (r.try_get_by_index(0).unwrap(), r.try_get_by_index(1).unwrap()))
        .collect()
}

/// R3, R70: an upgrade keeps endpoints, sessions and tokens; references hold afterwards as before.
#[tokio::test]
async fn an_older_database_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::connect(engine::database_options(folder.path()))
        .await
        .unwrap();
    Migrator::up(&database, Some(BEFORE)).await.unwrap();
    database.execute_unprepared(ROWS).await.unwrap();
    Migrator::up(&database, None).await.unwrap();

    let named = |pairs: &[(&str, i64)]| pairs.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect::<Vec<_>>();
    let endpoints = "SELECT name || ' ' || state, connection FROM endpoint ORDER BY name";
    assert_eq!(
        rows(&database, endpoints).await,
        named(&[("gone removed", 3), ("kiosk pending", 0), ("till offline", 7)])
    );
    let waiting = "SELECT name, needs_confirmation FROM endpoint WHERE needs_confirmation <> 0";
    assert_eq!(
        rows(&database, waiting).await,
        [],
        "nobody has to confirm what worked before"
    );
    let tokens = "SELECT hash, uses - used FROM enrolment_token ORDER BY hash";
    assert_eq!(rows(&database, tokens).await, named(&[("h1", 1), ("h2", 0)]));
    let session = "SELECT e.name, 1 FROM session s JOIN endpoint e ON (e.org_id, e.id) = (s.org_id, s.endpoint_id)";
    assert_eq!(rows(&database, session).await, named(&[("till", 1)]));

    for refused in [
        "DELETE FROM endpoint WHERE id = x'04'",
        "UPDATE endpoint SET state = 'ready' WHERE id = x'05'",
        "UPDATE endpoint SET state = 'lost' WHERE id = x'05'",
        "UPDATE endpoint SET client_id = x'99' WHERE id = x'05'",
        "UPDATE endpoint SET client_id = NULL WHERE id = x'05'",
        "UPDATE enrolment_token SET used = 2 WHERE hash = 'h1'",
        "UPDATE enrolment_token SET client_id = NULL WHERE hash = 'h1'",
        "INSERT INTO order_key (org_id, generation, statement, made_at) VALUES (x'01', 3, '', 1)",
    ] {
        assert!(database.execute_unprepared(refused).await.is_err(), "{refused}");
    }
    let next = "INSERT INTO order_key (org_id, generation, statement, made_at) VALUES (x'01', 2, '', 1)";
    database.execute_unprepared(next).await.unwrap();
    for refused in ["UPDATE order_key SET made_at = 2", "DELETE FROM order_key"] {
        assert!(database.execute_unprepared(refused).await.is_err(), "{refused}");
    }
    database.close().await.unwrap();
}
