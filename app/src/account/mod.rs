//! Signing in, the first visit by a one-time link, signing out.

mod api;
mod sign_in;
mod sign_out;
mod welcome;

pub use api::{RedeemLink, SignIn, SignOutNow, greet, redeem_link, safe_next, sign_in, sign_out_now};
pub use sign_in::SignInPage;
pub use sign_out::{SIGN_OUT_FORM, SignOut};
pub use welcome::WelcomePage;
