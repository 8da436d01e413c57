//! A zip written by hand, so that nothing of the reader under test is in it: stored files, names in GBK.

/// Two small files of a bill, with the names that an adapter shall bring and the bytes as they are, in GBK.
pub fn bill(day: &str) -> Vec<(String, Vec<u8>)> {
    let text =
        format!("#支付宝业务明细查询\r\n#起始日期：[{day}]\r\n商户订单号\t,订单金额（元）\t\r\nm1\t,12.50\t\r\n");
    let (detail, _, _) = encoding_rs::GBK.encode(&text);
    let (summary, _, _) = encoding_rs::GBK.encode("#支付宝业务汇总查询\r\n");
    vec![
        (format!("2088831204659217_{day}_业务明细.csv"), detail.into_owned()),
        (format!("2088831204659217_{day}_业务明细(汇总).csv"), summary.into_owned()),
    ]
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

/// The zip of some files.
pub fn stored(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let (name, _, _) = encoding_rs::GBK.encode(name);
        let at = u32::try_from(zip.len()).unwrap();
        let size = u32::try_from(bytes.len()).unwrap();
        let length = u16::try_from(name.len()).unwrap();
        // Version 20, no flags, stored, no time.
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend([crc32(bytes).to_le_bytes(), size.to_le_bytes(), size.to_le_bytes()].concat());
        common.extend(length.to_le_bytes());
        common.extend([0, 0]);
        zip.extend([b"PK\x03\x04".as_slice(), &common, &name, bytes].concat());
        directory.extend([b"PK\x01\x02\x14\x00".as_slice(), &common, &[0; 10], &at.to_le_bytes(), &name].concat());
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let (size, at) = (u32::try_from(directory.len()).unwrap(), u32::try_from(zip.len()).unwrap());
    zip.extend(directory);
    zip.extend(
        [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size.to_le_bytes(), &at.to_le_bytes(), &[0, 0]].concat(),
    );
    zip
}
