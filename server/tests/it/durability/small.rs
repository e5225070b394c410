//! A server on a small file system of its own, and what it does while nothing can be recorded.

use std::path::PathBuf;

use domain::api::ApiError;

use super::{BEFORE, Installation};
use crate::support::{Ended, Http, Shipped, Volume, copy_files, program};

/// A data folder on a file system that a test may fill and break.
pub(super) struct Small {
    pub(super) installation: Installation,
    pub(super) volume: Volume,
    /// The data folder, for those who see the file system.
    pub(super) data: PathBuf,
}

impl Small {
    /// On what `mounted` mounts at a folder.
    pub(super) async fn on(mounted: impl AsyncFnOnce(PathBuf) -> Volume) -> Self {
        let installation = Installation::make().await;
        let at = installation.app.scratch().join("volume");
        std::fs::create_dir(&at).unwrap();
        let data = at.join("data");
        let volume = mounted(at).await;
        std::fs::create_dir(volume.path("data")).unwrap();
        copy_files(&installation.app.data(), &volume.path("data"));
        volume.run("sync --file-system \"$0\"").await;
        Self {
            installation,
            volume,
            data,
        }
    }

    /// Has it served, with one change that all goes well for.
    pub(super) async fn serve(&self) -> Shipped {
        let server = self.try_serve().await.unwrap();
        assert!(self.installation.opens(&server, BEFORE).await);
        server
    }

    pub(super) async fn try_serve(&self) -> Result<Shipped, Ended> {
        self.installation
            .serve(self.volume.command(program()), &self.data)
            .await
    }

    /// A change is refused, to a page's script and to a browser without one; nobody is told that the server is ready; what was
    /// recorded can be read, and the refused change is nowhere in it.
    pub(super) async fn refuses(&self, server: &Shipped, reason: &str) {
        assert!(!self.installation.opens(server, reason).await);
        let browser = server.browser(&self.installation.token);
        let endpoint = self.installation.endpoint.to_string();
        let page = format!("/endpoints/{endpoint}");
        let form = [("endpoint", endpoint.as_str()), ("reason", reason), ("ticket", "")];
        let sent = browser.submit("open_session", &page, &form).await;
        let back = sent.header("location").to_owned();
        let told = browser.get(&back[back.find("/endpoints/").unwrap()..]).await;
        assert!(
            told.text().contains(&ApiError::RecordUnavailable.to_string()),
            "the page says so"
        );
        assert_eq!(self.health(&browser).await, (200, 503));
        for path in ["/sessions", &page] {
            let read = browser.get(path).await;
            assert!(read.status == 200 && !read.text().contains(reason), "{path}");
        }
        assert!(browser.get("/sessions").await.text().contains(BEFORE));
    }

    /// A change is done, without a restart, after [`Self::refuses`].
    pub(super) async fn resumes(&self, server: &Shipped, reason: &str) {
        assert!(self.installation.opens(server, reason).await);
        assert_eq!(self.health(&server.browser(&self.installation.token)).await, (200, 200));
    }

    async fn health(&self, browser: &Http) -> (u16, u16) {
        let (live, ready) = (browser.get("/health/live").await, browser.get("/health/ready").await);
        (live.status, ready.status)
    }

    /// A copy of the data folder, of a server that has ended.
    pub(super) fn left(&self) -> PathBuf {
        let data = self.installation.app.scratch().join("left");
        std::fs::create_dir(&data).unwrap();
        copy_files(&self.volume.path("data"), &data);
        data
    }
}

/// Work that [`Small::refuses`] has refused: two forms, and asking whether the server is ready.
pub(super) const REFUSALS: i64 = 3;
