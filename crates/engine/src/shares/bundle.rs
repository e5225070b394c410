//! The bundle: a session's leaves with everything that a stranger needs to check them.

use audit::bundle::{Bundle, BundleLeaf, FORMAT, GroupData, Org, Scope, VERSION};
use audit::leaf::Leaf;
use audit::proof::Plan;
use audit::tree::{NodeId, NodeSource, Nodes};
use domain::api::{ApiError, Withheld};
use domain::digest::Digest;
use sea_orm::{ColumnTrait, Condition, DatabaseConnection, QueryFilter};

use crate::engine::Engine;
use crate::error::Failure;
use crate::record::{StoredLeaf, stored, witnessed};
use crate::store::entity::{checkpoint, leaf, org, session, share};
use crate::store::event_log::{self, as_u64, digest};
use crate::store::scope::OrgScope;
use crate::store::texts::{TEXT, Texts};

/// The leaves that a share shows: the session's, up to and with its close, as they stand in the database now, without what it
/// leaves out.
pub(super) async fn leaves(
    scope: &OrgScope<'_, DatabaseConnection>,
    texts: &Texts,
    share: &share::Model,
) -> Result<Vec<StoredLeaf>, Failure> {
    let of = Condition::all()
        .add(leaf::Column::SessionId.eq(share.session_id))
        .add(leaf::Column::Idx.lt(share.size));
    let mut leaves = stored(scope, texts, of).await?;
    let withheld = withheld(share);
    for l in &mut leaves {
        let kind = Leaf::parse(l.leaf.as_bytes()).map(|l| l.header.kind);
        // What can't be read is not told apart from output.
        if withheld.covers(kind.as_deref().unwrap_or("output.chunk"))
            && let Some(text @ GroupData::Open { .. }) = l.groups.get_mut(TEXT)
        {
            *text = GroupData::Withheld;
        }
    }
    Ok(leaves)
}

/// What a share leaves out; all that it can where the stored word is none that there is.
pub(super) fn withheld(share: &share::Model) -> Withheld {
    let known = Withheld::ALL.into_iter().find(|w| w.word() == share.withheld);
    known.unwrap_or(Withheld::Texts)
}

/// Nodes of which none is missing: one that is not in the store can't be right. Zeros make the root differ, which is what the reader's
/// verifier reports; an error would leave the reader without a verdict.
struct Gapless(Nodes);

impl NodeSource for Gapless {
    fn node(&self, id: NodeId) -> Option<Digest> {
        Some(self.0.node(id).unwrap_or(Digest([0; 32])))
    }
}

/// The bundle of a share.
pub(super) async fn bundle(engine: &Engine, share: &share::Model) -> Result<Bundle, Failure> {
    let scope = engine.scope(share.org_id);
    let leaves = leaves(&scope, &engine.0.texts, share).await?;
    let indexes: Vec<u64> = leaves.iter().map(|l| as_u64(l.index)).collect();
    let size = as_u64(share.size);
    let plan = Plan::multiproof(&indexes, size).map_err(Failure::stored)?;
    let nodes = event_log::fetch(&scope, &plan).await?;
    let proof = plan.assemble(&Gapless(nodes)).map_err(Failure::stored)?;
    let signed = scope
        .find::<checkpoint::Entity>()
        .filter(checkpoint::Column::Size.eq(share.size))
        .one(scope.conn)
        .await?;
    // Without it the reader's verifier has nothing signed, and says so.
    let note = signed.map(|s| s.note).unwrap_or_default();
    let org = scope
        .find::<org::Entity>()
        .one(scope.conn)
        .await?
        .ok_or(ApiError::NotFound)?;
    let of = scope
        .find::<session::Entity>()
        .filter(session::Column::Id.eq(share.session_id))
        .one(scope.conn)
        .await?;
    let session = of.ok_or(ApiError::NotFound)?;
    Ok(Bundle {
        format: FORMAT.to_owned(),
        version: VERSION,
        org: Org {
            id: org.id.to_string(),
            name: org.name,
        },
        title: format!("Session on {}", session.endpoint_name),
        scope: Scope {
            text: "One troubleshooting session, from its opening to its close.".into(),
            session: Some(share.session_id.to_string()),
            whole: false,
        },
        vkey: engine.0.keys.log_vkey(share.org_id).to_string(),
        size,
        root: digest(&share.root)?,
        checkpoint: note,
        leaves: leaves
            .into_iter()
            .map(|l| BundleLeaf {
                index: as_u64(l.index),
                leaf: l.leaf,
                leaf_hash: l.hash,
                groups: l.groups,
            })
            .collect(),
        proof,
        witnessed: witnessed(&scope, share.size).await?,
    })
}
