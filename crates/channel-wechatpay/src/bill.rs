//! The institution's account of a day (PROTOCOLS 1.9): ask for it, fetch it, prove that it is what was promised.

use std::{borrow::Cow, io::Read};

use channel::{Bill, BillKind, BillOutcome, BillRequest, Refusal, RefusalKind};
use flate2::read::MultiGzDecoder;
use reqwest::Url;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::Deserialize;

use crate::{
    WechatPay,
    client::{Answer, ApiError, Call},
    sealed_bill::SealedBill,
    translate::{self, code_of},
    wire,
};

/// The largest file that is fetched, as it comes and unpacked: about a million rows of six hundred bytes.
const MAX_FILE: usize = 64 << 20;
const MAX_UNPACKED: u64 = 512 << 20;

/// What a file packed with gzip begins with; a bill begins with a byte order mark or a heading.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Where a bill lies: openly, or, for a merchant's fund bill, as sealed files \[D 10\].
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum BillAnswer<'a> {
    Open(#[serde(borrow)] OpenBill<'a>),
    Sealed {
        download_bill_count: usize,
        #[serde(borrow, default)]
        download_bill_list: Vec<SealedBill<'a>>,
    },
}

/// Where a file lies, and the hash of it unpacked.
#[derive(Deserialize)]
pub(crate) struct OpenBill<'a> {
    #[serde(borrow)]
    hash_type: Cow<'a, str>,
    #[serde(borrow)]
    hash_value: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) download_url: Cow<'a, str>,
}

impl WechatPay {
    pub(crate) async fn bill(&self, request: &BillRequest) -> BillOutcome {
        let Some((path, name)) = place(request) else {
            return BillOutcome::Refused(translate::not_sent("a day is written like 2026-11-22"));
        };
        match self.call(Call { method: "GET", path: &path, body: None }).await {
            Answer::Trusted { status: 200, body } => match self.files(&body, &name).await {
                Ok(files) if files.is_empty() => BillOutcome::Empty,
                Ok(files) => BillOutcome::Ready(Bill { files }),
                Err(why) => BillOutcome::Unknown(why),
            },
            Answer::Trusted { status, .. } => BillOutcome::Unknown(format!("HTTP {status} where 200 was due")),
            Answer::Error(error) => no_bill(error),
            Answer::Nothing(why) => BillOutcome::Unknown(why),
        }
    }

    /// The files that an answer promises. Their addresses live five minutes, so every fetch asks for new ones.
    async fn files(&self, answer: &[u8], name: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
        let answer = promised(answer)?;
        let mut files = Vec::new();
        match answer {
            BillAnswer::Open(open) => {
                let file = self.client.download(&path_of(&open.download_url)?, MAX_FILE).await?;
                files.push((format!("{name}.csv"), proven(file, &open.hash_type, &open.hash_value)?));
            }
            BillAnswer::Sealed { download_bill_list, .. } => {
                let mut left = MAX_FILE;
                for (at, sealed) in download_bill_list.iter().enumerate() {
                    let file = self.client.download(&path_of(&sealed.download_url)?, left).await?;
                    left -= file.len();
                    let file = self.bills.open(sealed, &file)?;
                    let file = proven(file, &sealed.hash_type, &sealed.hash_value)?;
                    files.push((format!("{name}-{}.csv", at + 1), file));
                }
            }
        }
        Ok(files)
    }
}

/// The files that an answer promises: one that lies open, or as many sealed ones as it says.
pub(crate) fn promised(answer: &[u8]) -> Result<BillAnswer<'_>, String> {
    match serde_json::from_slice(answer).map_err(|_| "the answer names no file".to_owned())? {
        BillAnswer::Sealed { download_bill_count, download_bill_list }
            if download_bill_list.len() != download_bill_count =>
        {
            Err("the answer names not all files".to_owned())
        }
        promised => Ok(promised),
    }
}

/// Where to ask, and the name under which the file is archived. A merchant's fund bill has an address of its own.
fn place(request: &BillRequest) -> Option<(String, String)> {
    let day = request.day.parse::<jiff::civil::Date>().ok().filter(|day| day.to_string() == request.day)?;
    let merchant = request.account.as_ref().map(|account| account.sub_mchid.as_str());
    let of =
        |separator: &str| merchant.map(|id| format!("{separator}sub_mchid={}", wire::encoded(id))).unwrap_or_default();
    let path = match (request.kind, merchant) {
        (BillKind::Trade, _) => format!("/v3/bill/tradebill?bill_date={day}{}&bill_type=ALL&tar_type=GZIP", of("&")),
        (BillKind::Fund, None) => format!("/v3/bill/fundflowbill?bill_date={day}&account_type=BASIC&tar_type=GZIP"),
        (BillKind::Fund, Some(_)) => {
            let query = format!("bill_date={day}{}&account_type=BASIC&algorithm=AEAD_AES_256_GCM", of("&"));
            format!("/v3/bill/sub-merchant-fundflowbill?{query}&tar_type=GZIP")
        }
    };
    let kind = match request.kind {
        BillKind::Trade => "tradebill",
        BillKind::Fund => "fundflowbill",
    };
    let whose = merchant.map(|id| format!("-{id}")).unwrap_or_default();
    Some((path, format!("{kind}{whose}-{day}")))
}

/// Path and query of a download address. The host is the one that the settings name: an answer sends this adapter
/// nowhere else. (The documents' own example begins with a blank.)
pub(crate) fn path_of(url: &str) -> Result<String, String> {
    let url = Url::parse(url.trim()).map_err(|why| format!("the file's address cannot be read: {why}"))?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    // A path that begins with two strokes would be read as another host.
    match url.path() {
        path if path.starts_with('/') && !path.starts_with("//") => Ok(format!("{path}{query}")),
        path => Err(format!("the file's address has no path that is asked: {path}")),
    }
}

/// The file as it was before it was packed; not more than `max` bytes of it, whatever it unpacks to.
pub(crate) fn unpacked(file: Vec<u8>, max: u64) -> Result<Vec<u8>, String> {
    if !file.starts_with(GZIP) {
        return Ok(file);
    }
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(file.as_slice()).take(max + 1).read_to_end(&mut unpacked);
    let length = read.map_err(|why| format!("the file cannot be unpacked: {why}"))?;
    if u64::try_from(length).is_ok_and(|length| length <= max) { Ok(unpacked) } else { Err(TOO_LARGE.to_owned()) }
}

const TOO_LARGE: &str = "the file unpacks to more than is read";

/// The file unpacked, if it is the one that was promised: by SHA-1 over its unpacked bytes \[D 10\].
pub(crate) fn proven(file: Vec<u8>, hash_type: &str, hash_value: &str) -> Result<Vec<u8>, String> {
    let file = unpacked(file, MAX_UNPACKED)?;
    if hash_type != "SHA1" {
        return Err(format!("hash {hash_type} is not spoken here"));
    }
    let is = hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &file));
    if is.eq_ignore_ascii_case(hash_value) { Ok(file) } else { Err("the file is not what was promised".to_owned()) }
}

/// What the error of a bill means \[D: 账单 错误码, as mirrored in SDKs' comments\].
///
/// | codes | outcome |
/// | --- | --- |
/// | `STATEMENT_CREATING` | not ready |
/// | `NO_STATEMENT_EXIST` | empty: nothing moved that day |
/// | `NO_AUTH` | refused: not authorised (a small-and-micro merchant has no bill of its own) |
/// | `PARAM_ERROR`, `INVALID_REQUEST` | refused: our request, such as a day more than three months back |
/// | `FREQUENCY_LIMITED`, `SIGN_ERROR`, `SYSTEM_ERROR`, all others | unknown |
pub(crate) fn no_bill(error: ApiError) -> BillOutcome {
    let kind = match code_of(&error.code).as_str() {
        "STATEMENTCREATING" => return BillOutcome::NotReady,
        "NOSTATEMENTEXIST" => return BillOutcome::Empty,
        "NOAUTH" => RefusalKind::NotAuthorised,
        "PARAMERROR" | "INVALIDREQUEST" => RefusalKind::BadRequest,
        _ => return BillOutcome::Unknown(error.words()),
    };
    BillOutcome::Refused(Refusal { kind, code: error.code, message: error.message })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use channel::Account;
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bill_is_asked_for_at_its_own_address_protocols_1_9() {
        let place = |kind, account: Option<&str>, day: &str| {
            place(&BillRequest { kind, day: day.to_owned(), account: account.map(Account::of) })
        };
        for (kind, account, path, name) in [
            (
                BillKind::Trade,
                Some("1900000110"),
                "/v3/bill/tradebill?bill_date=2026-09-20&sub_mchid=1900000110&bill_type=ALL&tar_type=GZIP",
                "tradebill-1900000110-2026-09-20",
            ),
            (
                BillKind::Trade,
                None,
                "/v3/bill/tradebill?bill_date=2026-09-20&bill_type=ALL&tar_type=GZIP",
                "tradebill-2026-09-20",
            ),
            (
                BillKind::Fund,
                Some("1900000110"),
                "/v3/bill/sub-merchant-fundflowbill?bill_date=2026-09-20&sub_mchid=1900000110&account_type=BASIC\
                 &algorithm=AEAD_AES_256_GCM&tar_type=GZIP",
                "fundflowbill-1900000110-2026-09-20",
            ),
            (
                BillKind::Fund,
                None,
                "/v3/bill/fundflowbill?bill_date=2026-09-20&account_type=BASIC&tar_type=GZIP",
                "fundflowbill-2026-09-20",
            ),
        ] {
            assert_eq!(place(kind, account, "2026-09-20"), Some((path.to_owned(), name.to_owned())));
        }
        for day in ["2026-9-20", "2026-09-31", "20260920", "", "2026-09-20&sub_mchid=1"] {
            assert_eq!(place(BillKind::Trade, None, day), None, "{day}");
        }
    }

    #[test]
    fn a_file_is_fetched_from_the_configured_host_whatever_its_address_says() {
        let told = " https://elsewhere.example.com:8443/v3/billdownload/file?token=a%7Cb&tartype=gzip";
        assert_eq!(path_of(told).as_deref(), Ok("/v3/billdownload/file?token=a%7Cb&tartype=gzip"));
        for told in ["file?token=1", "https://institution.example.com//elsewhere.example.com/file", "data:,file"] {
            assert!(path_of(told).is_err(), "{told}");
        }
    }

    #[test]
    fn a_file_that_unpacks_to_more_than_is_read_is_refused() {
        let bomb = packed(&vec![b'0'; 1 << 20]);
        assert!(bomb.len() < 4096);
        assert_eq!(unpacked(bomb.clone(), 1 << 20).map(|bytes| bytes.len()), Ok(1 << 20));
        assert_eq!(unpacked(bomb, (1 << 20) - 1), Err(TOO_LARGE.to_owned()));
        let mut cut = packed("交易时间".as_bytes());
        cut.truncate(cut.len() - 1);
        assert!(unpacked(cut, 1 << 20).is_err());
        assert_eq!(unpacked(b"plain".to_vec(), 1), Ok(b"plain".to_vec()), "a file that is not packed is what it is");
    }

    /// Known answer: wechatpay-java (core/src/test/java/…/util/ShaUtilTest.java).
    #[test]
    fn a_hash_is_sha_1_of_the_unpacked_bytes_protocols_1_9() {
        let hash = "6f9b9af3cd6e8b8a73c2cdced37fe9f59226e27d";
        let message = b"message".to_vec();
        for hash in [hash.to_owned(), hash.to_uppercase()] {
            assert_eq!(proven(message.clone(), "SHA1", &hash), Ok(message.clone()));
            assert_eq!(proven(packed(&message), "SHA1", &hash), Ok(message.clone()));
        }
        assert!(proven(b"Message".to_vec(), "SHA1", hash).is_err());
        assert!(proven(message, "SM3", hash).is_err());
    }
}
