//! Passwords: argon2id (m = 19 456 KiB, t = 2, p = 1) as PHC strings. Hashing costs 19 MiB and tens of milliseconds, so
//! it never runs on the threads that answer requests, and only a few run at once.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::Error;
use crate::{random::Random, web::FieldProblem};

/// Shorter passwords are not set.
pub const MIN_CHARS: usize = 8;
/// Longer passwords are not even hashed.
pub const MAX_CHARS: usize = 128;
/// How long a generated password is: 12 letters and digits, 58 bits.
const GENERATED_CHARS: usize = 12;

/// Hashing that may run at once; a hundred logins queue here instead of eating memory.
static ROOM: Semaphore = Semaphore::const_new(2);

/// The hash of no password, with the parameters of a real one: an unknown account costs what a wrong password costs.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bW90dC1ub2JvZHktMDAwMQ$\
     AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The stored form of `password`.
///
/// # Errors
/// [`Error::Hashing`].
pub async fn hash(random: &Random, password: &str) -> Result<String, Error> {
    let salt = random.bytes::<16>();
    let password = password.to_owned();
    off_thread(move || {
        let salt = SaltString::encode_b64(&salt).map_err(|e| Error::Hashing(e.to_string()))?;
        let hash = hasher()?.hash_password(password.as_bytes(), &salt).map_err(|e| Error::Hashing(e.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether `password` is the one that `stored` was made of. Without `stored` the answer is no, in the same time.
///
/// # Errors
/// [`Error::Hashing`].
pub async fn verify(stored: Option<&str>, password: &str) -> Result<bool, Error> {
    let known = stored.is_some();
    let stored = stored.unwrap_or(NOBODY).to_owned();
    let password = password.to_owned();
    off_thread(move || {
        let stored = PasswordHash::new(&stored).map_err(|e| Error::Hashing(e.to_string()))?;
        // The parameters travel with the hash, so that stronger ones can follow.
        Ok(Argon2::default().verify_password(password.as_bytes(), &stored).is_ok() && known)
    })
    .await
}

/// A password for somebody who was not given one.
pub fn generate(random: &Random) -> String {
    random.text(GENERATED_CHARS)
}

/// Whether `password` may be set.
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str) -> Result<(), FieldProblem> {
    let wrong = |code, zh, en| Err(FieldProblem::new("password", code, zh, en));
    match password.chars().count() {
        ..MIN_CHARS => wrong("password.too_short", "密码至少 8 个字符", "At least 8 characters"),
        MIN_CHARS..=MAX_CHARS => Ok(()),
        _ => wrong("password.too_long", "密码最多 128 个字符", "At most 128 characters"),
    }
}

/// Whether `password` may be tried. Nobody's is longer.
///
/// # Errors
/// What is wrong with it.
pub fn check_typed(password: &str) -> Result<(), FieldProblem> {
    if password.is_empty() {
        return Err(FieldProblem::new("password", "password.missing", "请输入密码", "Type the password"));
    }
    if password.chars().count() > MAX_CHARS { check(password) } else { Ok(()) }
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None).map_err(|e| Error::Hashing(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let _permit = ROOM.acquire().await.map_err(|e| Error::Hashing(e.to_string()))?;
    spawn_blocking(work).await.map_err(|e| Error::Hashing(e.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_with_itself_only_and_keeps_its_parameters() {
        let stored = hash(&Random::system(), "correct horse").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify(Some(&stored), "correct horse").await.unwrap());
        assert!(!verify(Some(&stored), "correct horsf").await.unwrap());
        assert_ne!(stored, hash(&Random::system(), "correct horse").await.unwrap(), "every hash has its own salt");
    }

    #[tokio::test]
    async fn an_unknown_account_costs_a_real_hash_product_3_1() {
        assert!(!verify(None, "anything").await.unwrap());
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let real = hash(&Random::system(), "x").await.unwrap();
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!(nobody.params, real.params);
        assert_eq!(nobody.hash.unwrap().len(), real.hash.unwrap().len());
    }

    #[test]
    fn a_password_that_is_too_long_is_refused_before_it_is_hashed() {
        assert_eq!(check_typed(&"x".repeat(1 << 20)).unwrap_err().code, "password.too_long");
        assert_eq!(check_typed("").unwrap_err().code, "password.missing");
        assert_eq!(check("1234567").unwrap_err().code, "password.too_short");
        assert!(check("密码密码密码密码").is_ok() && check_typed("short").is_ok());
    }
}
