//! The local issuer of identities: addresses and password hashes.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::sensitive::Raw;
use zeroize::Zeroizing;

use crate::deps::Deps;
use crate::error::Failure;

/// The issuer of local accounts; their subject is the address, in lower case.
pub(crate) const LOCAL: &str = "local";

/// Memory in KiB, passes and lanes of argon2id: the first recommendation of OWASP's Password Storage Cheat Sheet.
const COST: (u32, u32, u32) = (19_456, 2, 1);

fn argon2() -> Result<Argon2<'static>, Failure> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(Failure::stored)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A password's argon2id hash in PHC form. Slow on purpose: runs on a thread for blocking work.
pub(crate) async fn hash_password(deps: &Deps, password: Raw<String>) -> Result<String, Failure> {
    let salt = deps.bytes::<16>();
    blocking(move || {
        let password = Zeroizing::new(password.expose());
        let salt = SaltString::encode_b64(&salt).map_err(Failure::stored)?;
        Ok(argon2()?
            .hash_password(password.as_bytes(), &salt)
            .map_err(Failure::stored)?
            .to_string())
    })
    .await
}

/// Whether the password is the one behind `hash`. With no hash it takes as long and says no, so that time does not tell
/// whether there is an account.
pub(crate) async fn check_password(password: Raw<String>, hash: Option<String>) -> Result<bool, Failure> {
    blocking(move || {
        let password = Zeroizing::new(password.expose());
        let argon2 = argon2()?;
        match hash {
            Some(hash) => {
                let hash = PasswordHash::new(&hash).map_err(Failure::stored)?;
                Ok(argon2.verify_password(password.as_bytes(), &hash).is_ok())
            }
            None => {
                let salt = SaltString::encode_b64(&[0; 16]).map_err(Failure::stored)?;
                argon2
                    .hash_password(password.as_bytes(), &salt)
                    .map_err(Failure::stored)?;
                Ok(false)
            }
        }
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::stored)?
}

/// An address as it is stored and looked up: trimmed, lower case, of the form `somebody@somewhere`.
pub(crate) fn address(email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    let (local, domain) = email.split_once('@')?;
    let fine = !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    (fine && email.len() <= 254 && !email.chars().any(|c| c.is_whitespace() || c.is_control())).then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_stored_in_one_form() {
        assert_eq!(address(" Ana@Example.COM "), Some("ana@example.com".into()));
        for bad in ["", "ana", "@example.com", "ana@example", "a b@example.com", "ana@.com"] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn a_password_matches_only_its_own_hash() {
        let deps = Deps::system();
        let hash = hash_password(&deps, Raw::new("correct horse".into())).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            check_password(Raw::new("correct horse".into()), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !check_password(Raw::new("Correct horse".into()), Some(hash))
                .await
                .unwrap()
        );
        assert!(!check_password(Raw::new("correct horse".into()), None).await.unwrap());
    }
}
