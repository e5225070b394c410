//! Which releases of the agent there are: whoever runs the engine says so, and holds the programs.

use std::sync::Arc;

use wire::{SignedManifest, Version};

use crate::engine::Engine;

/// The releases that a server hands on.
pub trait Releases: Send + Sync {
    /// The newest one for `target` that an agent of version `running` could take; none where there is none.
    fn newest(&self, target: &str, running: Version) -> Option<SignedManifest>;
}

impl Engine {
    /// Hands these releases on from now on. The first call counts.
    pub fn hand_on(&self, releases: Arc<dyn Releases>) {
        // A second call changes nothing, as its documentation says.
        let _ = self.0.releases.set(releases);
    }
}
