//! PRODUCT 4: every refusal has a sentence for the payer, one for the manager, and a code.

use std::collections::HashSet;

use super::Kind;
use crate::merchant::ChannelKind::{Alipay, Wechatpay};

#[test]
fn every_kind_has_its_words_in_both_languages_and_a_code_of_its_own() {
    let mut codes = HashSet::new();
    for kind in Kind::ALL {
        let words = kind.words();
        assert!(codes.insert(words.code), "{}", words.code);
        assert_eq!(Kind::of_code(words.code), kind);
        for (zh, en) in [words.title, words.payer, words.manager] {
            assert!(!zh.is_ascii() && en.is_ascii() && en.len() > 8, "{zh} / {en}");
        }
        assert!(words.payer.0.ends_with('。') && words.manager.0.ends_with('。'), "{:?}", words.code);
    }
}

#[test]
fn the_institutions_words_are_understood() {
    for (channel, code, message, kind) in [
        (Wechatpay, "NO_AUTH", "商户无权限", Kind::NotAuthorised),
        (Wechatpay, "NOAUTH", "", Kind::NotAuthorised),
        (Wechatpay, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配", Kind::AppidMismatch),
        (Wechatpay, "RULE_LIMIT", "业务规则限制", Kind::MerchantLimit),
        (Wechatpay, "get_brand_wcpay_request:fail", "下单账号与支付账号不一致，请核实后再支付", Kind::WrongAccount),
        (Wechatpay, "3", "当前页面的URL未注册：http://pay.example.com/pay/", Kind::Directory),
        (Wechatpay, "get_brand_wcpay_request:fail", "调用支付JSAPI缺少参数：total_fee", Kind::Setting),
        (Wechatpay, "fail", "当前交易存在风险，请更换支付方式", Kind::Risk),
        (Wechatpay, "fail", "支付金额超过银行卡单笔限额", Kind::PayerLimit),
        (Wechatpay, "fail", "该商户收款已达到今日限额", Kind::MerchantLimit),
        (Wechatpay, "fail", "商户账号受限，无法付款", Kind::MerchantRestricted),
        (Wechatpay, "fail", "零钱余额不足", Kind::Balance),
        (Wechatpay, "fail", "该订单已过期，请返回店内重新发起支付", Kind::Expired),
        (Wechatpay, "fail", "something new", Kind::Other),
        (Alipay, "ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足", Kind::Balance),
        (Alipay, "ACQ.TRADE_BUYER_NOT_MATCH", "交易买家不匹配", Kind::WrongAccount),
        (Alipay, "ACQ.PAYMENT_REQUEST_HAS_RISK", "支付有风险", Kind::Risk),
        (Alipay, "ACQ.SELLER_BEEN_BLOCKED", "商家账号被冻结", Kind::MerchantRestricted),
        (Alipay, "isv.invalid-app-auth-token", "无效的应用授权令牌", Kind::NotAuthorised),
        (Alipay, "6002", "", Kind::Network),
        (Alipay, "4000", "", Kind::Other),
        (Alipay, "4000", "您的支付宝账户余额不足", Kind::Balance),
    ] {
        assert_eq!(Kind::of(channel, code, message), kind, "{code} {message}");
    }
}
