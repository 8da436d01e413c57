//! Bills (PROTOCOLS 2.4 \[C\], S java): a signed answer names an address that lives for 30 seconds; there lies a zip of CSV
//! files in GBK, with names in GBK.

use std::io::{Cursor, Read};

use channel::{Bill, BillKind, BillOutcome, BillRequest};
use encoding_rs::GBK;
use zip::ZipArchive;

use crate::{
    Alipay,
    client::{Answer, ApiError},
    translate::{common_refusal, refusal},
    wire::{self, BillAddress, BillBody},
};

/// The largest zip that is fetched.
const MAX_ZIP_BYTES: usize = 64 << 20;
/// The most that is unpacked of it, all files together: a million rows of 400 bytes.
const MAX_BYTES: u64 = 400 << 20;
/// The most files of it: a bill has two.
const MAX_FILES: usize = 64;
/// When a day's bill is surely made, after the day's end in Beijing: it is made by nine, "in special cases later", so that
/// until the evening "there is no bill" is not taken for "nothing moved".
const SURELY_MADE_MS: i64 = 18 * 60 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Alipay {
    pub(crate) async fn bill(&self, bill: &BillRequest) -> BillOutcome {
        let Some(day_ms) = wire::instant_ms(&format!("{} 00:00:00", bill.day)) else {
            return BillOutcome::Unknown("a day is written 2026-11-22".to_owned());
        };
        let bill_type = match bill.kind {
            BillKind::Trade => "trade",
            BillKind::Fund => "signcustomer",
        };
        let body = BillBody { bill_type, bill_date: &bill.day };
        let answer = match self.business(wire::BILL, bill.account.as_ref(), &body) {
            Ok(call) => self.call(call).await,
            Err(why) => return BillOutcome::Unknown(why),
        };
        match answer {
            Answer::Done(raw) => match serde_json::from_str::<BillAddress>(&raw) {
                Ok(address) => self.fetched(&address.bill_download_url).await,
                Err(why) => BillOutcome::Unknown(format!("the bill's address cannot be read: {why}")),
            },
            Answer::Error(error) => bill_error(error, (self.clock)() - day_ms),
            Answer::Waiting => BillOutcome::Unknown("10003 where a bill was due".to_owned()),
            Answer::Nothing(why) => BillOutcome::Unknown(why),
        }
    }

    async fn fetched(&self, address: &str) -> BillOutcome {
        let unpacked = match self.client.fetch(address, MAX_ZIP_BYTES).await {
            Ok(zip) => unpacked(zip, MAX_BYTES),
            Err(why) => Err(why),
        };
        unpacked.map_or_else(BillOutcome::Unknown, |files| BillOutcome::Ready(Bill { files }))
    }
}

/// There is no bill, for now or for good, by how long ago the day began. The code is documented as `BILL_NOT_EXIST` and seen
/// with prefixes \[C\].
fn bill_error(error: ApiError, age_ms: i64) -> BillOutcome {
    let code = error.sub_code.to_ascii_uppercase().replace('-', "_");
    if code.ends_with("BILL_NOT_EXIST") {
        return if age_ms < DAY_MS + SURELY_MADE_MS { BillOutcome::NotReady } else { BillOutcome::Empty };
    }
    match common_refusal(&error) {
        Some(kind) => BillOutcome::Refused(refusal(kind, error)),
        None => BillOutcome::Unknown(error.words()),
    }
}

/// The files of a zip. Whatever its directory claims, no more than `most_bytes` are unpacked: a zip of a few kilobytes can
/// hold more than a disk.
pub(crate) fn unpacked(zip: Vec<u8>, most_bytes: u64) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|why| format!("the bill is no zip: {why}"))?;
    if archive.len() > MAX_FILES {
        return Err(format!("the bill holds {} files", archive.len()));
    }
    let mut files = Vec::new();
    let mut left = most_bytes;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|why| format!("the bill cannot be unpacked: {why}"))?;
        if file.is_dir() {
            continue;
        }
        let (name, _, _) = GBK.decode(file.name_raw());
        let name = name.into_owned();
        let bytes = bounded(file, left)?;
        left -= bytes.len() as u64;
        files.push((name, bytes));
    }
    if files.is_empty() { Err("the bill holds no file".to_owned()) } else { Ok(files) }
}

/// All that `source` gives, if that is at most `most_bytes`; one byte more is the most that is read of anything.
fn bounded(source: impl Read, most_bytes: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = source.take(most_bytes + 1).read_to_end(&mut bytes);
    read.map_err(|why| format!("the bill cannot be unpacked: {why}"))?;
    if bytes.len() as u64 > most_bytes { Err("the bill is larger than any bill".to_owned()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn deflated(files: &[(&str, usize)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, size) in files {
            zip.start_file(*name, options).unwrap();
            zip.write_all(&vec![b'0'; *size]).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_bill_is_unpacked_up_to_its_bound_all_files_together() {
        let zip = deflated(&[("a.csv", 600), ("b.csv", 400)]);
        let files = unpacked(zip.clone(), 1000).unwrap();
        assert_eq!(
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.len())).collect::<Vec<_>>(),
            [("a.csv", 600), ("b.csv", 400)]
        );
        assert!(unpacked(zip, 999).is_err());
    }

    /// Gives bytes for ever, and counts them.
    struct Endless<'a>(&'a mut u64);

    impl Read for Endless<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            *self.0 += buffer.len() as u64;
            assert!(*self.0 < 1 << 20, "it reads on and on");
            Ok(buffer.len())
        }
    }

    #[test]
    fn what_never_ends_is_not_read_to_its_end() {
        let mut given = 0;
        assert!(bounded(Endless(&mut given), 1000).is_err());
        assert_eq!(given, 1001);
    }

    #[test]
    fn a_small_zip_that_holds_more_than_a_bill_is_refused() {
        let bomb = deflated(&[("a.csv", 8 << 20)]);
        assert!(bomb.len() < 64 << 10, "{}", bomb.len());
        assert_eq!(unpacked(bomb, 1 << 20), Err("the bill is larger than any bill".to_owned()));
        let names: Vec<String> = (0..=MAX_FILES).map(|n| n.to_string()).collect();
        let many: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 1)).collect();
        assert!(unpacked(deflated(&many), 1 << 20).is_err());
        assert!(unpacked(b"<html>".to_vec(), 1 << 20).is_err() && unpacked(deflated(&[]), 1 << 20).is_err());
    }
}
