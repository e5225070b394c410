//! Database migrations, one change per file, never edited once landed. Self-contained: no entity and no other crate of ours.
//!
//! The statements are written once for every database: `{id}` stands for the column type of a UUID, `{bytes}` for bytes,
//! `{int}` for a 64-bit integer. What only one database can say (triggers, text search) is in a file of its own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DatabaseBackend, DbErr};

mod m20261122_000001_people;
mod m20261122_000002_clients_and_endpoints;
mod m20261122_000003_sessions_and_actions;
mod m20261122_000004_approvals;
mod m20261122_000005_record;
mod m20261122_000006_append_only;
mod m20261122_000007_output_search;
mod m20261122_000008_shares;
mod m20261125_000001_report_digests;
mod m20261125_000020_enrolment_tokens;
mod m20261125_000021_endpoint_life;
mod m20261125_000022_order_keys;
mod m20261125_000030_agent_updates;
mod m20261125_000030_cosignatures;
mod m20261126_000001_redaction_settings;
mod m20261126_000002_incidents;
mod m20261126_000003_sealed_commands;
mod m20261126_000004_share_expiry;
mod m20261126_000005_encrypted_texts;
mod m20261126_000006_withheld;
mod m20261126_000007_passcodes;
mod m20261126_000008_groups_in_the_leaf;
mod m20261126_000009_share_versions;
mod m20261127_000001_packs;
mod m20261127_000002_incident_letters;

/// Runs the migrations.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_people::Migration),
            Box::new(m20261122_000002_clients_and_endpoints::Migration),
            Box::new(m20261122_000003_sessions_and_actions::Migration),
            Box::new(m20261122_000004_approvals::Migration),
            Box::new(m20261122_000005_record::Migration),
            Box::new(m20261122_000006_append_only::Migration),
            Box::new(m20261122_000007_output_search::Migration),
            Box::new(m20261122_000008_shares::Migration),
            Box::new(m20261125_000001_report_digests::Migration),
            Box::new(m20261125_000020_enrolment_tokens::Migration),
            Box::new(m20261125_000021_endpoint_life::Migration),
            Box::new(m20261125_000022_order_keys::Migration),
            Box::new(m20261125_000030_cosignatures::Migration),
            Box::new(m20261125_000030_agent_updates::Migration),
            Box::new(m20261126_000001_redaction_settings::Migration),
            Box::new(m20261126_000002_incidents::Migration),
            Box::new(m20261126_000003_sealed_commands::Migration),
            Box::new(m20261126_000004_share_expiry::Migration),
            Box::new(m20261126_000005_encrypted_texts::Migration),
            Box::new(m20261126_000006_withheld::Migration),
            Box::new(m20261126_000007_passcodes::Migration),
            Box::new(m20261126_000008_groups_in_the_leaf::Migration),
            Box::new(m20261126_000009_share_versions::Migration),
            Box::new(m20261127_000001_packs::Migration),
            Box::new(m20261127_000002_incident_letters::Migration),
        ]
    }
}

/// Runs `statements`, each with the type words replaced for the database at hand.
async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let (id, bytes, int) = match manager.get_database_backend() {
        DatabaseBackend::Postgres => ("uuid", "bytea", "bigint"),
        DatabaseBackend::MySql | DatabaseBackend::Sqlite | _ => ("blob", "blob", "integer"),
    };
    for s in statements {
        let sql = s.replace("{id}", id).replace("{bytes}", bytes).replace("{int}", int);
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}
