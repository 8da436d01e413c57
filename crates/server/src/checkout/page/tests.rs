use base64::{Engine as _, engine::general_purpose::STANDARD};
use money::Amount;
use ring::digest::{SHA256, digest};

use super::*;

/// 2026-11-23 14:32:05 in Shanghai.
const NOW_MS: i64 = 1_795_415_525_000;
const HOUR_MS: i64 = 3_600_000;
/// The whole first answer (DESIGN 6).
const BUDGET: usize = 14_000;

fn text(key: &str, label: &str, required: bool, max_length: u32, rule: TextRule) -> FieldView {
    let kind = FieldKind::Text { max_length, rule };
    FieldView { key: key.into(), label: label.into(), help: String::new(), required, kind }
}

fn choice(key: &str, label: &str, required: bool, multiple: bool, options: &[&str]) -> FieldView {
    let kind = FieldKind::Choice { options: options.iter().map(|o| (*o).to_owned()).collect(), multiple };
    FieldView { key: key.into(), label: label.into(), help: String::new(), required, kind }
}

fn demo() -> CheckoutView {
    CheckoutView {
        path: "/pay/c0123456789abcdef".into(),
        form_version: 3,
        merchant_full_name: "云杉教育科技有限公司".into(),
        manager_name: "张伟".into(),
        code_short_id: "A3-0172".into(),
        superseded_until_ms: None,
        now_ms: NOW_MS,
        ways: "wechatpay.jsapi wechatpay.h5 alipay.jsapi".into(),
        amount: AmountView {
            label: "付款金额".into(),
            mode: AmountMode::Typed { min: Amount::from_fen(1), max: Amount::from_fen(5_000_000) },
        },
        fields: vec![
            text("student", "学生姓名", true, 50, TextRule::None),
            text("mobile", "手机号码", true, 11, TextRule::Mobile),
            choice("item", "缴费项目", true, false, &["学费", "住宿费"]),
            choice("campus", "校区", false, false, &["高新校区", "天府校区"]),
            choice("extra", "附加服务", false, true, &["校车", "午餐"]),
            text("remark", "备注", false, 100, TextRule::None),
        ],
    }
}

fn thirty_fields() -> CheckoutView {
    let labels = ["学生姓名", "监护人姓名与关系", "就读年级和班级", "缴费项目", "家庭住址"];
    let options = ["学费", "住宿费", "教材费", "校服费", "伙食费", "保险费", "活动费"];
    let field = |at: usize| {
        let (key, label) = (format!("field_{at}"), format!("{}{at}", labels[at % 5]));
        let mut made = match at % 5 {
            3 => choice(&key, &label, at.is_multiple_of(2), at.is_multiple_of(3), &options),
            _ => text(&key, &label, at.is_multiple_of(2), 50, TextRule::None),
        };
        made.help = format!("与第 {at} 号报名表上填写的一致，用于核对。");
        made
    };
    let mut view = demo();
    view.merchant_full_name = long_name();
    view.superseded_until_ms = Some(NOW_MS + 3 * HOUR_MS);
    view.fields = (0..30).map(field).collect();
    view
}

fn long_name() -> String {
    "云杉（四川）国际教育科技与文化传播集团股份有限公司成都高新技术产业开发区第一分公司".into()
}

fn order(status: OrderStatus) -> OrderView {
    OrderView {
        path: "/pay/o0123456789abcdef".into(),
        code_path: Some("/pay/c0123456789abcdef".into()),
        order_no: "A3202611230001".into(),
        merchant_full_name: long_name(),
        manager_name: "张伟".into(),
        amount: Amount::from_fen(128_000),
        fields: vec![ShownField { label: "学生姓名".into(), value: "李<晓>明".into() }],
        status,
        refunds: vec![
            ShownRefund {
                amount: Amount::from_fen(30_000), at_ms: Some(NOW_MS), account: "招商银行信用卡0403".into()
            },
            ShownRefund { amount: Amount::from_fen(100), at_ms: None, account: String::new() },
        ],
        created_at_ms: NOW_MS,
        ways: "wechatpay.jsapi alipay.h5".into(),
        disputed: false,
        scan_qr_svg: "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".into(),
    }
}

fn html(page: &Page) -> &str {
    std::str::from_utf8(&page.html).unwrap()
}

fn unpacked(page: &Page) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::BrotliDecompress(&mut page.brotli.as_slice(), &mut out).unwrap();
    out
}

fn between<'a>(html: &'a str, open: &str, close: &str) -> &'a str {
    let rest = html.split_once(open).unwrap().1;
    rest.split_once(close).unwrap().0
}

#[test]
fn the_first_answer_fits_the_first_flight_design_6() {
    for view in [demo(), thirty_fields()] {
        let page = render_checkout(&view).unwrap();
        assert!(page.answer_bytes() < BUDGET, "{} bytes", page.answer_bytes());
        assert_eq!(unpacked(&page), page.html);
    }
}

#[test]
fn the_bytes_depend_on_nothing_but_the_view_so_that_they_can_be_kept_design_3() {
    assert_eq!(render_checkout(&demo()).unwrap().html, render_checkout(&demo()).unwrap().html);
}

#[test]
fn every_page_is_one_answer_that_its_policy_allows_by_hash() {
    let hash = |part: &str| format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, part.as_bytes())));
    let mut pages = vec![render_checkout(&demo()).unwrap()];
    pages.extend([OrderStatus::Created, OrderStatus::Closed].map(|s| render_order(&order(s)).unwrap()));
    for page in &pages {
        let html = html(page);
        assert!(page.csp.contains(&format!("script-src {}", hash(between(html, "<script>", "</script>")))));
        assert!(page.csp.contains(&format!("style-src {}", hash(between(html, "<style>", "</style>")))));
    }
    pages.extend(Message::ALL.map(|m| render_message(m).unwrap()));
    for page in &pages {
        let html = html(page);
        assert!(!html.contains(" style=") && !html.contains(" src=\"/") && !html.contains("rel=\"stylesheet"));
        assert!(page.csp.starts_with("default-src 'none';") && page.csp.is_ascii());
    }
}

#[test]
fn the_referrer_reaches_the_wallet_product_4() {
    let policy = HEADERS.iter().find(|(name, _)| *name == "referrer-policy").map(|(_, value)| *value);
    assert_eq!(policy, Some("strict-origin-when-cross-origin"));
}

#[test]
fn the_payee_is_said_before_anything_is_asked_product_4() {
    let page = render_checkout(&thirty_fields()).unwrap();
    let html = html(&page);
    let body = html.split_once("<body>").unwrap().1;
    let asked = body.find("<input").unwrap();
    for said in [long_name().as_str(), "张伟", "A3-0172"] {
        assert!(body.find(said).unwrap() < asked, "{said}");
    }
}

#[test]
fn a_superseded_code_says_until_when_product_3_2() {
    let mut view = demo();
    view.superseded_until_ms = Some(NOW_MS + 3 * HOUR_MS);
    let today = render_checkout(&view).unwrap();
    assert!(html(&today).contains("此码已被刷新，<b class=\"num\">17:32</b> 前仍可付款"));
    view.now_ms = NOW_MS + 8 * HOUR_MS;
    view.superseded_until_ms = Some(NOW_MS + 11 * HOUR_MS);
    let tomorrow = render_checkout(&view).unwrap();
    assert!(html(&tomorrow).contains(">11 月 24 日 01:32</b> 前仍可付款"));
    assert!(!html(&render_checkout(&demo()).unwrap()).contains("此码已被刷新"));
}

#[test]
fn a_fixed_amount_is_shown_and_not_asked() {
    let mut view = demo();
    view.amount.mode = AmountMode::Fixed(Amount::from_fen(128_000));
    let page = render_checkout(&view).unwrap();
    assert!(html(&page).contains("data-testid=\"amount\">1,280.00</span>"));
    assert!(html(&page).contains("id=\"sum\">¥1,280.00</span>"));
    assert!(!html(&page).contains("name=\"amount\""));
}

#[test]
fn a_refused_form_keeps_everything_typed_and_names_each_error_issue_2() {
    let value = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let typed = Typed {
        amount: "1,28".into(),
        values: vec![
            value("student", "\"><script>"),
            value("item", "住宿费"),
            value("campus", "天府校区"),
            value("extra", "校车"),
            value("extra", "午餐"),
            value("remark", "\n第二行"),
        ],
        submission: "k1".into(),
    };
    let error = |field: &str, message: &str| FieldError { field: field.into(), message: message.into() };
    let errors = [error("amount", "金额不对"), error("f_mobile", "请填写手机号码"), error("version", "表单已更新")];
    let page = render_refused(&demo(), &typed, &errors).unwrap();
    let html = html(&page);
    for kept in [
        "value=\"1,28\" autofocus aria-invalid=\"true\" aria-describedby=\"e-amount\"",
        "id=\"e-amount\" data-testid=\"error-amount\">金额不对</p>",
        "required aria-invalid=\"true\" aria-describedby=\"e-f_mobile\"",
        "data-testid=\"error-f_mobile\">请填写手机号码</p>",
        "value=\"&#34;&#62;&#60;script&#62;\"",
        "value=\"住宿费\" checked",
        "<option selected>天府校区</option>",
        "value=\"校车\" checked",
        "value=\"午餐\" checked",
        "\n\n第二行</textarea>",
        "name=\"submission\" value=\"k1\"",
        "<p>表单已更新</p><p>有 2 处需要修改",
        " data-again",
    ] {
        assert!(html.contains(kept), "{kept}");
    }
    assert_eq!(html.matches(" autofocus").count(), 1);
}

#[test]
fn help_and_error_are_both_named_to_screen_readers() {
    let mut view = demo();
    view.fields[2].help = "按学期缴纳".into();
    let errors = [FieldError { field: "f_item".into(), message: "请选择缴费项目".into() }];
    let page = render_refused(&view, &Typed::default(), &errors).unwrap();
    assert!(html(&page).contains("data-required aria-describedby=\"h-f_item e-f_item\""));
    assert!(html(&page).contains("id=\"h-f_item\">按学期缴纳</p>"));
}

#[test]
fn a_paid_order_is_a_receipt_that_is_no_invoice_product_4() {
    let page = render_order(&order(OrderStatus::Paid { at_ms: NOW_MS, wallet: "支付宝" })).unwrap();
    let html = html(&page);
    let shown = [
        "<h1>付款凭证（非发票）</h1>",
        "1,280.00",
        "2026-11-23 14:32:05",
        "A3202611230001",
        "张伟",
        "李&#60;晓&#62;明",
        "支付宝",
        "不是我要付的",
    ];
    for said in shown.into_iter().chain([long_name().as_str()]) {
        assert!(html.contains(said), "{said}");
    }
    assert!(html.contains("data-testid=\"receipt\"") && !html.contains("data-testid=\"pay\""));
}

#[test]
fn an_unpaid_order_can_be_paid_and_a_closed_one_cannot() {
    for (status, word) in [(OrderStatus::Created, "created"), (OrderStatus::Pending, "pending")] {
        let page = render_order(&order(status)).unwrap();
        assert!(html(&page).contains(&format!("data-status=\"{word}\" data-ways=\"wechatpay.jsapi alipay.h5\"")));
        assert!(html(&page).contains("data-testid=\"pay\"") && html(&page).contains("<noscript>"));
    }
    let closed = render_order(&order(OrderStatus::Closed)).unwrap();
    assert!(html(&closed).contains("订单已关闭，未付款") && !html(&closed).contains("data-testid=\"pay\""));
    assert!(html(&closed).contains("href=\"/pay/c0123456789abcdef\""));
}

#[test]
fn every_message_has_its_status_and_says_what_to_do() {
    for which in Message::ALL {
        let page = render_message(which).unwrap();
        assert!((400..=503).contains(&which.status()) && html(&page).contains("<svg"));
    }
    let expired = render_message(Message::ExpiredCode).unwrap();
    assert!(html(&expired).contains("<h1>收款码已失效</h1>\n<p>请向业务经理索取新的收款码。</p>"));
}
