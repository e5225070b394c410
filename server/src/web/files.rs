//! The app's and the verifier's files, from the site folder. Compressed copies were made by the build; nothing is
//! compressed here.

use axum::Router;
use http::{HeaderValue, header};
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::wiring::Shared;

/// `/pkg/…` and `/verifier/…`.
pub(crate) fn router(shared: &Shared) -> Router {
    ["pkg", "verifier"].into_iter().fold(Router::new(), |router, folder| {
        let files = ServeDir::new(shared.config.site.join(folder))
            .precompressed_br()
            .append_index_html_on_directories(false);
        // The names stay the same from one version to the next, so browsers ask each time and get a short "not modified".
        let revalidate =
            SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        router.nest_service(
            &format!("/{folder}"),
            ServiceBuilder::new().layer(revalidate).service(files),
        )
    })
}
