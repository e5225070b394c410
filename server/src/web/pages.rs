//! The app's pages and server functions, each with what it needs of the request in its context.

use std::sync::Arc;

use app::ctx::{ClientAddress, CookieName, RequestCaller, WebSession};
use axum::Router;
use domain::api::Backend;
use http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{ErrorHandler, LeptosRoutes, generate_route_list};

use super::CspNonce;
use crate::auth::{Visit, cookie_name};
use crate::wiring::Shared;

/// Every page and server function; any other path is the app's own "nothing here" page with status 404.
pub(crate) fn router(shared: &Shared) -> Router {
    let options = LeptosOptions::builder()
        .output_name("countersign")
        .site_root(shared.config.site.to_string_lossy())
        .site_pkg_dir("pkg")
        .build();
    let context = context(shared);
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(app::App), context.clone(), shell)
        .fallback_service(ErrorHandler::new_with_context(context, app::shell, options.clone()))
        .with_state(options)
        .layer(axum::middleware::from_fn(super::rendered::rendered))
}

/// Puts the request's caller and the ports into the reactive context, anew for each request.
fn context(shared: &Shared) -> impl Fn() + Clone + Send + Sync + 'static {
    let backend: Arc<dyn Backend> = Arc::new(shared.engine.clone());
    let secure = shared.config.is_https();
    move || {
        let extensions = use_context::<Parts>().map(|parts| parts.extensions).unwrap_or_default();
        let visit = extensions.get::<Visit>().cloned().unwrap_or_default();
        provide_context(Arc::clone(&backend));
        provide_context(RequestCaller(visit.caller));
        provide_context(WebSession(visit.token));
        provide_context(ClientAddress(visit.address));
        provide_context(CookieName {
            name: cookie_name(secure).to_owned(),
            secure,
        });
        // Leptos made a nonce of its own before; the one in the policy's header counts.
        if let Some(nonce) = extensions.get::<CspNonce>() {
            provide_context(Nonce::from_value(nonce.0.as_str()));
        }
    }
}
