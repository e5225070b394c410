//! The org on every query: an entity that belongs to orgs can be read and changed only through an [`OrgScope`].

use domain::ids::OrgId;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, DeleteMany, EntityTrait, IntoActiveModel, QueryFilter,
    Select, UpdateMany,
};

/// An entity whose rows belong to an org.
pub(crate) trait OrgOwned: EntityTrait {
    /// The column that says which.
    const ORG: Self::Column;
}

/// One org's rows on a connection.
#[derive(Clone, Copy)]
pub(crate) struct OrgScope<'a, C> {
    org: OrgId,
    /// The connection, to run what the scope began.
    pub(crate) conn: &'a C,
}

impl<'a, C: ConnectionTrait> OrgScope<'a, C> {
    /// The rows of `org` on `conn`.
    pub(crate) fn new(org: OrgId, conn: &'a C) -> Self {
        Self { org, conn }
    }

    /// The org.
    pub(crate) fn org(&self) -> OrgId {
        self.org
    }

    /// A query of the org's rows.
    #[expect(clippy::disallowed_methods, reason = "the one place that adds the org")]
    pub(crate) fn find<E: OrgOwned>(&self) -> Select<E> {
        E::find().filter(E::ORG.eq(self.org))
    }

    /// An update of the org's rows; the caller narrows it to what it saw (compare-and-swap).
    #[expect(clippy::disallowed_methods, reason = "the one place that adds the org")]
    pub(crate) fn update<E: OrgOwned>(&self) -> UpdateMany<E> {
        E::update_many().filter(E::ORG.eq(self.org))
    }

    /// A deletion of the org's rows. The record has no such thing: its triggers refuse.
    #[expect(clippy::disallowed_methods, reason = "the one place that adds the org")]
    pub(crate) fn delete<E: OrgOwned>(&self) -> DeleteMany<E> {
        E::delete_many().filter(E::ORG.eq(self.org))
    }

    /// Inserts a row.
    pub(crate) async fn insert<E, M>(&self, model: M) -> Result<(), DbErr>
    where
        E: OrgOwned<Model = M>,
        M: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
    {
        E::insert(model.into_active_model().reset_all())
            .exec_without_returning(self.conn)
            .await
            .map(|_| ())
    }
}
