//! Passwords: argon2id (m = 19 456 KiB, t = 2, p = 1) as PHC strings. Hashing costs 19 MiB and tens of milliseconds, so
//! it never runs on the threads that answer requests, and only a few run at once.

use std::sync::{Arc, LazyLock};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

use super::Error;
use crate::{random::Random, web::FieldProblem};

/// Shorter passwords are not set.
pub const MIN_CHARS: usize = 8;
/// Longer passwords are not even hashed.
pub const MAX_CHARS: usize = 128;
/// How long a generated password is: 12 letters and digits, 58 bits.
const GENERATED_CHARS: usize = 12;

/// Hashing that may run at once: a hundred logins queue here instead of eating memory.
const AT_ONCE: usize = 2;
/// Hashing that may run or wait: what waits behind this many would wait for seconds, and is refused instead.
const MOST: usize = 100;

static ROOM: LazyLock<Room> = LazyLock::new(|| Room::new(AT_ONCE, MOST));

/// Bounds how much is hashed. Permits go with the work and not with the request: a caller that goes away leaves a
/// thread hashing, and its place is free only when that thread is.
struct Room {
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Room {
    fn new(at_once: usize, most: usize) -> Room {
        Room { places: Arc::new(Semaphore::new(most)), running: Arc::new(Semaphore::new(at_once)) }
    }

    async fn enter(&self) -> Result<[OwnedSemaphorePermit; 2], Error> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Error::Busy)?;
        let running = self.running.clone().acquire_owned().await.map_err(|e| Error::Hashing(e.to_string()))?;
        Ok([place, running])
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permits = self.enter().await?;
        let held = move || {
            let done = work();
            drop(permits);
            done
        };
        spawn_blocking(held).await.map_err(|e| Error::Hashing(e.to_string()))?
    }
}

/// The hash of no password, with the parameters of a real one: an unknown account costs what a wrong password costs.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bW90dC1ub2JvZHktMDAwMQ$\
     AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The stored form of `password`.
///
/// # Errors
/// [`Error::Hashing`], and [`Error::Busy`] when too many are being hashed.
pub async fn hash(random: &Random, password: &str) -> Result<String, Error> {
    let salt = random.bytes::<16>();
    let password = password.to_owned();
    let work = move || {
        let salt = SaltString::encode_b64(&salt).map_err(|e| Error::Hashing(e.to_string()))?;
        let hash = hasher()?.hash_password(password.as_bytes(), &salt).map_err(|e| Error::Hashing(e.to_string()))?;
        Ok(hash.to_string())
    };
    ROOM.run(work).await
}

/// Whether `password` is the one that `stored` was made of. Without `stored` the answer is no, in the same time.
///
/// # Errors
/// [`Error::Hashing`], and [`Error::Busy`] when too many are being hashed.
pub async fn verify(stored: Option<&str>, password: &str) -> Result<bool, Error> {
    let known = stored.is_some();
    let stored = stored.unwrap_or(NOBODY).to_owned();
    let password = password.to_owned();
    let work = move || {
        let stored = PasswordHash::new(&stored).map_err(|e| Error::Hashing(e.to_string()))?;
        // The parameters travel with the hash, so that stronger ones can follow.
        Ok(Argon2::default().verify_password(password.as_bytes(), &stored).is_ok() && known)
    };
    ROOM.run(work).await
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

    /// A thousand logins whose callers hang up must not hash a thousand passwords at once.
    #[tokio::test]
    async fn a_place_is_free_only_when_its_hashing_ended_and_the_queue_is_bounded() {
        let room = Room::new(1, 2);
        let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let first = room.run(move || {
            begun.send(()).map_err(|e| Error::Hashing(e.to_string()))?;
            ended.recv().map_err(|e| Error::Hashing(e.to_string()))
        });
        tokio::select! {
            done = first => panic!("it was not allowed to end: {done:?}"),
            _ = begins.recv() => {} // and now its caller goes away
        }
        assert_eq!(room.running.available_permits(), 0, "the thread still hashes");
        let mut second = std::pin::pin!(room.run(|| Ok(2)));
        assert!(futures_util::poll!(&mut second).is_pending(), "the second waits");
        assert!(matches!(room.run(|| Ok(3)).await, Err(Error::Busy)), "the third is refused");
        end.send(()).unwrap();
        assert_eq!(second.await.unwrap(), 2);
        assert_eq!((room.running.available_permits(), room.places.available_permits()), (1, 2));
    }

    #[test]
    fn a_password_that_is_too_long_is_refused_before_it_is_hashed() {
        assert_eq!(check_typed(&"x".repeat(1 << 20)).unwrap_err().code, "password.too_long");
        assert_eq!(check_typed("").unwrap_err().code, "password.missing");
        assert_eq!(check("1234567").unwrap_err().code, "password.too_short");
        assert!(check("密码密码密码密码").is_ok() && check_typed("short").is_ok());
    }
}
