//! Something read from the server: a skeleton at first, then itself, or its error in place with a way to try again. While it
//! is read again, what is shown stays.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ErrorNote;
use crate::api_error::AppError;

/// Shows what `resource` holds: `<Loaded resource=r let:data> … </Loaded>`.
#[component]
pub fn Loaded<T, F, V>(
    /// What is read.
    resource: Resource<Result<T, AppError>>,
    /// Rows of the skeleton: about as many as there will be, so that nothing jumps.
    #[prop(default = 6)]
    rows: u32,
    /// How it is shown.
    children: F,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=move || view! { <Skeleton rows=rows/> }>
            {move || {
                let children = children.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(data) => children(data).into_any(),
                        Err(error) => {
                            let retry = Callback::new(move |()| resource.refetch());
                            view! { <ErrorNote error=error retry=retry/> }.into_any()
                        }
                    }
                })
            }}
        </Transition>
    }
}

/// Grey lines where rows will be.
#[component]
pub fn Skeleton(
    /// How many.
    #[prop(default = 6)]
    rows: u32,
) -> impl IntoView {
    let lines: Vec<_> = (0..rows).map(|_| view! { <div class="skeleton-row"></div> }).collect();
    view! {
        <div class="skeleton" aria-busy="true">
            <span class="visually-hidden">"Loading"</span>
            {lines}
        </div>
    }
}
