//! Alipay's and the application's keys and the sellers' leave, made once and kept in `alipay.json`.

use std::collections::BTreeMap;
use std::path::Path;

use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::sign;
use crate::error::Error;
use crate::files;
use crate::institution::{new_key, private_key};
use crate::state::State;

/// The service provider's application; its users are known by `open_id`, as those of every new application are.
pub(crate) const APP_ID: &str = "2021000000000109";
/// The same company's older application, whose users are known by `user_id`. The same key signs for it.
pub(crate) const USER_ID_APP_ID: &str = "2018000000000109";

/// Sellers: number, names, their own application, products.
const SELLERS: [(&str, &str, &str, &str, &str); 3] = [
    (
        "2088000000000110",
        "星河教育科技有限公司",
        "星河教育",
        "2021000000000110",
        "JSAPI_PAY QUICK_WAP_WAY FACE_TO_FACE_PAYMENT",
    ),
    (
        "2088000000000111",
        "云杉物业服务有限公司",
        "云杉物业",
        "2021000000000111",
        "JSAPI_PAY QUICK_WAP_WAY FACE_TO_FACE_PAYMENT",
    ),
    ("2088000000000112", "青禾餐饮管理有限公司", "青禾餐饮", "2021000000000112", "JSAPI_PAY FACE_TO_FACE_PAYMENT"),
];

/// A seller's leave: the same in every sandbox, so that a demo's files can name it.
pub(crate) fn authorization(seller_id: &str) -> String {
    format!("202611BB{}", &hex::encode(Sha256::digest(format!("app_auth_token of {seller_id}")))[..32])
}

/// Everything secret, as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub app_private_key: String,
    pub alipay_private_key: String,
    /// `app_auth_token` by seller.
    pub authorizations: BTreeMap<String, String>,
}

/// Alipay with its keys ready for use.
pub(crate) struct Identity {
    pub stored: Stored,
    pub app: RsaPublicKey,
    pub alipay: RsaPrivateKey,
}

impl Identity {
    /// Reads the Alipay of `folder`, or founds it there, and registers its sellers.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no usable keys.
    pub fn open(folder: &Path, state: &State) -> Result<Self, Error> {
        let path = folder.join("alipay.json");
        let stored: Stored = match files::read(&path)? {
            Some(text) => serde_json::from_str(&text)?,
            None => {
                let leave = |(seller_id, ..): &(&str, &str, &str, &str, &str)| {
                    ((*seller_id).to_owned(), authorization(seller_id))
                };
                let stored = Stored {
                    app_private_key: new_key()?,
                    alipay_private_key: new_key()?,
                    authorizations: SELLERS.iter().map(leave).collect(),
                };
                files::write_secret(&path, &serde_json::to_string_pretty(&stored)?)?;
                stored
            }
        };
        state.write(|tx| {
            for (seller_id, full_name, short_name, app_id, products) in SELLERS {
                let token = stored.authorizations.get(seller_id).map_or("", String::as_str);
                tx.execute(
                    "INSERT OR IGNORE INTO alipay_seller
                         (seller_id, full_name, short_name, app_id, app_auth_token, products)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    [seller_id, full_name, short_name, app_id, token, products],
                )?;
            }
            Ok::<_, Error>(())
        })?;
        Ok(Self {
            app: private_key(&stored.app_private_key)?.to_public_key(),
            alipay: private_key(&stored.alipay_private_key)?,
            stored,
        })
    }

    /// Alipay's public key as SPKI PEM.
    ///
    /// # Errors
    /// When the key cannot be spelled as PEM.
    pub fn public_key(&self) -> Result<String, Error> {
        self.alipay.to_public_key().to_public_key_pem(LineEnding::LF).map_err(|error| Error::Key(error.to_string()))
    }

    /// The genuine signature of a notification.
    pub fn sign_notice(&self, params: &BTreeMap<String, String>) -> String {
        sign::notice(&self.alipay, params)
    }
}
