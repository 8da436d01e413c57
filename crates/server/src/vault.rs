//! The one crypto door: sealing, keyed hashes and token hashes. Everything it writes starts with the id of its
//! algorithm and key, so that another algorithm can follow without a migration (PRODUCT 8).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{aead, digest, hkdf, hmac};

use crate::random::Random;

/// Marks AES-256-GCM with a 12-byte nonce.
const AES_256_GCM: &str = "a1";
/// Marks HMAC-SHA256 under a key derived for the purpose.
const HMAC_SHA256: &str = "h1";

/// What can go wrong at the crypto door.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The keyring file cannot be read or written.
    #[error("keyring {path}: {why}")]
    Keyring {
        /// The file.
        path: String,
        /// What is wrong, and the cure.
        why: String,
    },
    /// The ciphertext names a key that the keyring lacks.
    #[error("the keyring has no key {0}: restore it, or the data it sealed stays closed")]
    UnknownKey(String),
    /// The ciphertext is damaged or was sealed for another purpose.
    #[error("a sealed value cannot be opened")]
    Broken,
}

type Keys = BTreeMap<String, [u8; 32]>;

/// The keyring: id → key. The newest (last by id) seals, every one opens. Read again when the file changes.
#[derive(Clone)]
pub struct Vault {
    path: PathBuf,
    keys: Arc<ArcSwap<Keys>>,
    random: Random,
}

impl Vault {
    /// Reads the keyring file.
    ///
    /// # Errors
    /// When it is missing, empty or malformed.
    pub fn open(path: &Path, random: Random) -> Result<Vault, Error> {
        let keys = read_keyring(path)?;
        Ok(Vault { path: path.to_owned(), keys: Arc::new(ArcSwap::from_pointee(keys)), random })
    }

    /// Adds a new key, which seals from now on; makes the file (readable by its owner only) if there is none. Never
    /// replaces a key: what it sealed would stay closed for ever.
    ///
    /// # Errors
    /// When the file cannot be written, or a key in it has a name that stands behind every new one.
    pub fn add_key(path: &Path, random: &Random) -> Result<String, Error> {
        let mut keys = if path.exists() { read_keyring(path)? } else { Keys::new() };
        let highest = keys.keys().filter_map(|id| id.strip_prefix('k')?.parse::<u32>().ok()).max().unwrap_or(0);
        let id = format!("k{:04}", highest + 1);
        if let Some((last, _)) = keys.last_key_value().filter(|(last, _)| **last >= id) {
            let why = format!("key {last} stands behind the new key {id}, which would seal nothing: rename it");
            return Err(Error::Keyring { path: path.display().to_string(), why });
        }
        keys.insert(id.clone(), random.bytes());
        write_keyring(path, &keys)?;
        Ok(id)
    }

    /// Reads the file again, so that a rotation needs no restart.
    ///
    /// # Errors
    /// When it is missing or malformed; the keys in use stay.
    pub fn reload(&self) -> Result<(), Error> {
        self.keys.store(Arc::new(read_keyring(&self.path)?));
        Ok(())
    }

    /// Seals `plain` for one `purpose`: it opens for no other.
    ///
    /// # Errors
    /// When the keyring is unusable.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let keys = self.keys.load();
        let (id, key) = keys.last_key_value().ok_or(Error::Broken)?;
        let nonce: [u8; 12] = self.random.bytes();
        let header = format!("{AES_256_GCM}.{id}.");
        let mut sealed = plain.to_vec();
        aead_key(key)?
            .seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aad(purpose), &mut sealed)
            .map_err(|_| Error::Broken)?;
        Ok([header.as_bytes(), &nonce, &sealed].concat())
    }

    /// Opens what [`seal`](Vault::seal) made for the same `purpose`.
    ///
    /// # Errors
    /// [`Error::UnknownKey`], or [`Error::Broken`].
    pub fn open_sealed(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let (id, rest) = split_header(sealed).ok_or(Error::Broken)?;
        let keys = self.keys.load();
        let key = keys.get(id).ok_or_else(|| Error::UnknownKey(id.to_owned()))?;
        let (nonce, body) = rest.split_at_checked(12).ok_or(Error::Broken)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::Broken)?;
        let mut body = body.to_vec();
        let plain = aead_key(key)?.open_in_place(nonce, aad(purpose), &mut body).map_err(|_| Error::Broken)?;
        Ok(plain.to_vec())
    }

    /// True when `sealed` is not under the newest key, so that `mott admin rekey` has something to do.
    pub fn is_old(&self, sealed: &[u8]) -> bool {
        split_header(sealed).map(|(id, _)| id) != self.keys.load().last_key_value().map(|(id, _)| id.as_str())
    }

    /// Signs `text` for one `purpose`: `<text>.<key id>.<mac>`.
    ///
    /// # Errors
    /// When the keyring is unusable.
    pub fn sign(&self, purpose: &str, text: &str) -> Result<String, Error> {
        let keys = self.keys.load();
        let (id, key) = keys.last_key_value().ok_or(Error::Broken)?;
        let mac = hmac::sign(&mac_key(key, purpose)?, text.as_bytes());
        Ok(format!("{text}.{id}.{}", hex::encode(mac)))
    }

    /// The text of what [`sign`](Vault::sign) made for the same `purpose`, or nothing.
    pub fn signed<'a>(&self, purpose: &str, signed: &'a str) -> Option<&'a str> {
        let (rest, mac) = signed.rsplit_once('.')?;
        let (text, id) = rest.rsplit_once('.')?;
        let keys = self.keys.load();
        let key = mac_key(keys.get(id)?, purpose).ok()?;
        hmac::verify(&key, text.as_bytes(), &hex::decode(mac).ok()?).ok().map(|()| text)
    }

    /// A keyed hash of `text` for one `purpose`, to store what is too short for a plain one: `h1.<key id>.<mac>`.
    ///
    /// # Errors
    /// When the keyring is unusable.
    pub fn mac(&self, purpose: &str, text: &str) -> Result<String, Error> {
        let keys = self.keys.load();
        let (id, key) = keys.last_key_value().ok_or(Error::Broken)?;
        Ok(format!("{HMAC_SHA256}.{id}.{}", hex::encode(hmac::sign(&mac_key(key, purpose)?, text.as_bytes()))))
    }

    /// Whether [`mac`](Vault::mac) made `stored` of this `text` for this `purpose`. Takes the same time either way.
    pub fn fits(&self, purpose: &str, text: &str, stored: &str) -> bool {
        let mut parts = stored.splitn(3, '.');
        let (algorithm, id, mac) = (parts.next(), parts.next(), parts.next());
        let keys = self.keys.load();
        let key = id.and_then(|id| mac_key(keys.get(id)?, purpose).ok());
        let mac = mac.and_then(|mac| hex::decode(mac).ok());
        let (Some(HMAC_SHA256), Some(key), Some(mac)) = (algorithm, key, mac) else { return false };
        hmac::verify(&key, text.as_bytes(), &mac).is_ok()
    }
}

/// The stored form of a secret token (256 random bits need no salt): `sha256:<hex>`.
pub fn token_hash(token: &str) -> String {
    format!("sha256:{}", hex::encode(digest::digest(&digest::SHA256, token.as_bytes())))
}

fn split_header(sealed: &[u8]) -> Option<(&str, &[u8])> {
    let mut parts = sealed.splitn(3, |b| *b == b'.');
    let (algorithm, id, rest) = (parts.next()?, parts.next()?, parts.next()?);
    (algorithm == AES_256_GCM.as_bytes()).then_some((std::str::from_utf8(id).ok()?, rest))
}

fn aad(purpose: &str) -> aead::Aad<&[u8]> {
    aead::Aad::from(purpose.as_bytes())
}

fn aead_key(key: &[u8; 32]) -> Result<aead::LessSafeKey, Error> {
    Ok(aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, key).map_err(|_| Error::Broken)?))
}

/// Signing never uses the sealing key itself.
fn mac_key(key: &[u8; 32], purpose: &str) -> Result<hmac::Key, Error> {
    let mut derived = [0; 32];
    let info = [b"sign".as_slice(), purpose.as_bytes()];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"mott")
        .extract(key)
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut derived))
        .map_err(|_| Error::Broken)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &derived))
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyringFile {
    keys: BTreeMap<String, String>,
}

fn read_keyring(path: &Path) -> Result<Keys, Error> {
    let wrong = |why: String| Error::Keyring { path: path.display().to_string(), why };
    let text = std::fs::read_to_string(path).map_err(|e| wrong(format!("{e}; make one with `mott admin rekey`")))?;
    let file: KeyringFile = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    let mut keys = Keys::new();
    for (id, key) in file.keys {
        let bytes = STANDARD.decode(key.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
        keys.insert(id.clone(), bytes.ok_or_else(|| wrong(format!("key {id} is not 32 bytes in base64")))?);
    }
    if keys.is_empty() { Err(wrong("it has no key; make one with `mott admin rekey`".into())) } else { Ok(keys) }
}

/// Written beside and renamed: a crash leaves the old file, never half of a new one.
fn write_keyring(path: &Path, keys: &Keys) -> Result<(), Error> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let wrong = |e: std::io::Error| Error::Keyring { path: path.display().to_string(), why: e.to_string() };
    let file = KeyringFile { keys: keys.iter().map(|(id, key)| (id.clone(), STANDARD.encode(key))).collect() };
    let text = toml::to_string(&file).map_err(|e| wrong(std::io::Error::other(e)))?;
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(wrong)?;
    }
    let beside = path.with_extension("new");
    let mut out =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(wrong)?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(wrong)?;
    std::fs::rename(&beside, path).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> (Vault, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.toml");
        Vault::add_key(&path, &Random::system()).unwrap();
        (Vault::open(&path, Random::system()).unwrap(), folder)
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_only_product_8() {
        let (vault, _folder) = vault();
        let sealed = vault.seal("mail", b"secret").unwrap();
        assert_eq!(vault.open_sealed("mail", &sealed).unwrap(), b"secret");
        assert!(matches!(vault.open_sealed("other", &sealed), Err(Error::Broken)));
        assert!(sealed.starts_with(b"a1.k0001."), "ciphertext names its algorithm and key");
        let mut bent = sealed.clone();
        *bent.last_mut().unwrap() ^= 1;
        assert!(matches!(vault.open_sealed("mail", &bent), Err(Error::Broken)));
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens() {
        let (vault, folder) = vault();
        let old = vault.seal("x", b"1").unwrap();
        Vault::add_key(&folder.path().join("keyring.toml"), &Random::system()).unwrap();
        vault.reload().unwrap();
        assert!(vault.is_old(&old));
        assert!(!vault.is_old(&vault.seal("x", b"1").unwrap()));
        assert_eq!(vault.open_sealed("x", &old).unwrap(), b"1");
    }

    /// PRODUCT 8: an operator may take an old key out; the next one must not take the place of one that stayed.
    #[test]
    fn a_new_key_never_replaces_one() {
        let (vault, folder) = vault();
        let path = folder.path().join("keyring.toml");
        for wanted in ["k0002", "k0003"] {
            assert_eq!(Vault::add_key(&path, &Random::system()).unwrap(), wanted);
        }
        vault.reload().unwrap();
        let sealed = vault.seal("x", b"1").unwrap();
        let mut keys = read_keyring(&path).unwrap();
        keys.remove("k0002");
        write_keyring(&path, &keys).unwrap();
        assert_eq!(Vault::add_key(&path, &Random::system()).unwrap(), "k0004");
        vault.reload().unwrap();
        assert_eq!(vault.open_sealed("x", &sealed).unwrap(), b"1");
        assert!(vault.is_old(&sealed));
        keys.insert("zz".into(), [0; 32]);
        write_keyring(&path, &keys).unwrap();
        let refused = Vault::add_key(&path, &Random::system()).unwrap_err();
        assert!(refused.to_string().contains("key zz stands behind"), "{refused}");
    }

    #[test]
    fn a_keyed_hash_fits_its_text_and_purpose_only_product_8() {
        let (vault, folder) = vault();
        let stored = vault.mac("login.code", "7:042917").unwrap();
        assert!(stored.starts_with("h1.k0001.") && !stored.contains("042917"), "{stored}");
        assert!(vault.fits("login.code", "7:042917", &stored));
        assert!(!vault.fits("login.code", "7:042918", &stored) && !vault.fits("other", "7:042917", &stored));
        assert!(!vault.fits("login.code", "7:042917", "nonsense"));
        Vault::add_key(&folder.path().join("keyring.toml"), &Random::system()).unwrap();
        vault.reload().unwrap();
        assert!(vault.fits("login.code", "7:042917", &stored), "the older key still proves what it made");
    }

    #[test]
    fn a_signature_holds_for_its_text_and_purpose() {
        let (vault, _folder) = vault();
        let signed = vault.sign("cookie", "wx1=open.id").unwrap();
        assert_eq!(vault.signed("cookie", &signed), Some("wx1=open.id"));
        assert_eq!(vault.signed("state", &signed), None);
        assert_eq!(vault.signed("cookie", &signed.replace("open", "0pen")), None);
        assert_eq!(vault.signed("cookie", "nonsense"), None);
    }
}
