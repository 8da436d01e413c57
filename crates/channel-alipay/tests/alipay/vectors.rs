//! Genuine callbacks and their keys, of the provider's own SDK: alipay-sdk-nodejs-all `test/alipay.test.ts`,
//! `checkNotifySign`.

use std::sync::Arc;

use channel::{Channel, Headers, Notice, NoticeError};
use channel_alipay::{Alipay, Verification};
use money::Amount;

use crate::peer::{Mode, callback, settings};

const TRADE_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqObrdC7hrgAVM98tK0nv3hSQRGGKT4lBsQjHiGjeYZjOPIPHR5knm2\
    jnnz/YGIXIofVHkA/tAlBAd5DrY7YpvI4tP5EONLtZKC2ghBMx7McI2wRD0xiqzxOQr1FuhZGJ8/AUokBzJrzY+aGX2xcOrxFYRlFilvVLTXg4LWjR1tdP\
    kO6+i7wQZAIVMClPkwVRZEbaERRHlKqTzv2gGv5rDU8gRoe1LeaN+6BlbTqHWkQcNCUNrA8C6l17XAXGKDsm/9TFWwO8EPHHHCaQdjtV5/FdcWIt+L8SR1\
    ss7EXTjYDFtxcKVv9rEoY1lX8T4mX+GbXfZHraG5NCF1+XioL5JwIDAQAB";
const TRADE_SIGN: &str = "QfTb8tqE1BMhS5qAnXtvsF3/jBkEvu9q9en0pdbBUDDjvKycZhQb7h8GDs4FKfi049PynaNuatxSgLb/nLWZpXyyh0LEWdK2S\
    6Ri7nPwrVgOs08zugLO20vOQz44y3ti2Ncm8/wZts1Fr2gZ7pShnVX3d1B50hbsXnObT1r/U8ONNQjWXd0HIul4TG+Q3fm3svmSvFEy0WnzuhcyHPX5Gm4\
    ELNctL6Qd5YniGJFNcc7kopHYtI/XD9YCKCH6Ct02rzUs9i11C9CsadtZn+WhxF26Dqt9sGEFajkJ8cxUTLi8+VCpLHsgPE8P0y095uQcDdK0YjCh4x7wV\
    Sov+lrmOQ==";
const TRADE: [(&str, &str); 23] = [
    ("gmt_create", "2019-08-15 15:56:22"),
    ("charset", "utf-8"),
    ("seller_email", "z97-yuquerevenue@service.aliyun.com"),
    ("subject", "语雀空间 500人规模"),
    ("buyer_id", "2088102534368455"),
    ("invoice_amount", "0.10"),
    ("notify_id", "2019081500222155624068450559358070"),
    ("fund_bill_list", r#"[{"amount":"0.10","fundChannel":"ALIPAYACCOUNT"}]"#),
    ("notify_type", "trade_status_sync"),
    ("trade_status", "TRADE_SUCCESS"),
    ("receipt_amount", "0.10"),
    ("buyer_pay_amount", "0.10"),
    ("app_id", "2019073166072302"),
    ("seller_id", "2088531891668739"),
    ("gmt_payment", "2019-08-15 15:56:24"),
    ("notify_time", "2019-08-15 15:56:25"),
    ("version", "1.0"),
    ("out_trade_no", "20190815155618536-564-57"),
    ("total_amount", "0.10"),
    ("trade_no", "2019081522001468450512505578"),
    ("auth_app_id", "2019073166072302"),
    ("buyer_logon_id", "xud***@126.com"),
    ("point_amount", "0.00"),
];

const MARKET_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAk6DCsBIUhWriFohzRV8Fic6oQWNnLKKILNk97VU5qcHEuxYzCujKo\
    yva5gy1170mFJw4IcgJF8AyS7iDUwzAwF4Pp9CpWxDhUhe7mdQJhjBmvTcPLGFFrzlj6unO5lAcbdwaxPUtSxOaNxPJGrTK/wnKQSbjTMMltp1J68q2Tfg\
    rsn/NdZ6lrxO9rvmky8kowqaH5NjntyHO59jCGabMj5sI14z8N61wB/QuIJrDuzIPMPrSNbq0cOWcSCDG09oUHTp9fk7suDB8UiFcmVTXOvK3d4HbeX8V9\
    YsEMxrwxEoYgRRj6K2qrC6oxw480cqf2ueumCmHg6xrcgkyXK81hwIDAQAB";
const MARKET_SIGN: &str = "MsK5SCw8oqLw4f0hiNSd5OVGXxBY3wnQeT8vn5PklJSZFWSZbK4hQbNvkp4ZezeXQH514cEv0ul6Qow8yh6e6yM06LfEL+EZ\
    jcpZ0nxzFGRNQ5qq2AUc1OaXQdk92AGvxh+Iq4NGpPQFBd4D8EBJa3NJd8+czMfQskceosOQFqUtLQMYa5DPs+VpN7VM5BdXjaVIuKn5d9Wm2B9dI9ObIM\
    +YRySDkZZPv14DVmUvcrcqJfOR8aHvtSd7B4l92wUQPQgQKNcOQho7xOHS/Bk+Y74AZL2y7TkNmdDoq9OGsThuF5tDW9rI9nVwXxOtsuB+bstra+W7aw9x\
    9DvkKgdSRw==";
const MARKET: [(&str, &str); 19] = [
    ("app_id", "2017122801303261"),
    ("charset", "UTF-8"),
    ("commodity_order_id", "2019030800000018079639"),
    ("contactor", "技术支持测试的公司"),
    ("merchant_pid", "2088721996721370"),
    ("method", "alipay.open.servicemarket.order.notify"),
    ("name", "技术支持测试的公司"),
    ("notify_id", "2019030800222102023008121054923345"),
    ("notify_time", "2019-03-08 10:20:23"),
    ("notify_type", "servicemarket_order_notify"),
    ("order_item_num", "1"),
    ("order_ticket", "29b1c37d99ab48c5bd5bdaeaeaefbB37"),
    ("order_time", "2019-03-08 10:20:08"),
    ("phone", "17826894615"),
    ("service_code", "58621634"),
    ("timestamp", "2019-03-08 10:20:23"),
    ("title", "麦禾商城模版"),
    ("total_price", "0.00"),
    ("version", "1.0"),
];

fn read(keys: &[&str], parameters: &[(&str, &str)], sign: &str) -> Result<Notice, NoticeError> {
    let mut with_key = settings("https://openapi.alipay.com", Mode::PublicKey);
    with_key.verification = Verification::PublicKeys(keys.iter().map(|key| (*key).to_owned()).collect());
    let channel = Alipay::new(with_key, Arc::new(|| 0)).unwrap();
    channel.read_notice(&Headers::default(), &callback(parameters, sign, Some("RSA2")).body, 0)
}

#[test]
fn a_genuine_callback_of_a_trade_is_believed_protocols_2_3_known_answer() {
    let told = read(&[TRADE_KEY], &TRADE, TRADE_SIGN);
    let Ok(Notice::Payment(success)) = told else { panic!("{told:?}") };
    assert_eq!((success.sp_mchid.as_str(), success.sub_mchid.as_str()), ("2019073166072302", "2088531891668739"));
    assert_eq!((success.total, success.payer_total), (Amount::from_fen(10), Some(Amount::from_fen(10))));
    assert_eq!(success.transaction_id, "2019081522001468450512505578");
    assert_eq!(success.success_at_ms, 1_565_855_784_000);
    assert_eq!(success.payer_id.as_deref(), Some("2088102534368455"));
}

#[test]
fn a_genuine_callback_that_keeps_sign_type_in_is_believed_too_protocols_2_3_known_answer() {
    assert_eq!(read(&[MARKET_KEY], &MARKET, MARKET_SIGN), Ok(Notice::Other("servicemarket_order_notify".to_owned())));
}

#[test]
fn a_replaced_key_is_still_believed_while_it_is_configured_beside_the_new_one() {
    for (parameters, sign) in [(&TRADE[..], TRADE_SIGN), (&MARKET, MARKET_SIGN)] {
        assert!(read(&[MARKET_KEY, TRADE_KEY], parameters, sign).is_ok());
        let mut changed = parameters.to_vec();
        changed[10].1 = "9.99";
        assert_eq!(read(&[MARKET_KEY, TRADE_KEY], &changed, sign), Err(NoticeError::BadSignature));
    }
    assert_eq!(read(&[MARKET_KEY], &TRADE, TRADE_SIGN), Err(NoticeError::BadSignature));
}
