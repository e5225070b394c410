//! How a release reaches an agent: offered by the server, asked for by the agent piece by piece, over the link that carries
//! orders and reports. One piece is under way at a time, so that orders and acknowledgements never wait for more than that.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::release::Version;

/// The most bytes of a program in one [`UpdatePart`].
pub const MAX_PART: usize = 128 * 1024;

/// The most bytes of a [`UpdateState::detail`].
const MAX_DETAIL: usize = 1024;

/// The next piece of a release, please.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateWant {
    /// Which release: [`SignedManifest::digest`](crate::SignedManifest::digest).
    pub release: Digest,
    /// From which byte on; what the agent has already.
    pub offset: u64,
}

/// A piece of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdatePart {
    /// Which release.
    pub release: Digest,
    /// Where the piece begins.
    pub offset: u64,
    /// The bytes in base64 (RFC 4648, section 4), 1 to [`MAX_PART`] of them.
    pub data: String,
}

/// How far an agent is with a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateState {
    /// Which release.
    pub release: Digest,
    /// How far.
    pub stage: UpdateStage,
    /// The version that ran when it was offered.
    pub from: Version,
    /// More for a person; at most 1024 bytes. Never output.
    pub detail: String,
}

/// How far an agent is with a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateStage {
    /// It will not be installed, and nothing was changed.
    Refused,
    /// It is on the endpoint, whole and genuine, and is tried once no action runs.
    Staged,
    /// It is being tried.
    Started,
    /// It runs and is connected; the version before it is gone.
    Committed,
    /// It did not connect, or did not run: the version before it runs again.
    RolledBack,
}

impl UpdatePart {
    /// A piece.
    pub fn new(release: Digest, offset: u64, bytes: &[u8]) -> Self {
        let data = STANDARD.encode(bytes);
        Self { release, offset, data }
    }

    /// The bytes; `None` when the text is no base64, or holds none or too many.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let bytes = STANDARD.decode(&self.data).ok()?;
        (1..=MAX_PART).contains(&bytes.len()).then_some(bytes)
    }

    /// Whether the bytes can be read.
    pub(crate) fn is_well_formed(&self) -> bool {
        self.data.len() <= MAX_PART.div_ceil(3) * 4 && self.bytes().is_some() && within(self.offset)
    }
}

impl UpdateWant {
    pub(crate) fn is_well_formed(&self) -> bool {
        within(self.offset)
    }
}

impl UpdateState {
    /// A state whose detail is cut where it would be too long.
    pub fn new(release: Digest, stage: UpdateStage, from: Version, detail: &str) -> Self {
        let detail = detail[..detail.floor_char_boundary(MAX_DETAIL)].to_owned();
        Self {
            release,
            stage,
            from,
            detail,
        }
    }

    pub(crate) fn is_well_formed(&self) -> bool {
        self.detail.len() <= MAX_DETAIL
    }
}

impl UpdateStage {
    /// The word, as sent and stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Staged => "staged",
            Self::Started => "started",
            Self::Committed => "committed",
            Self::RolledBack => "rolled_back",
        }
    }

    /// Whether nothing more comes after it.
    pub fn is_last(self) -> bool {
        match self {
            Self::Refused | Self::Committed | Self::RolledBack => true,
            Self::Staged | Self::Started => false,
        }
    }
}

fn within(offset: u64) -> bool {
    offset <= crate::MAX_RELEASE
}
