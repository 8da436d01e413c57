//! Views to bytes.

use askama::Template;
use brotli::enc::BrotliEncoderParams;
use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};

use super::{
    Error, Page,
    assets::{self, Assets},
    text::{self, Icon, MessageText, Text, ZH},
    view::{
        AmountMode, CheckoutView, FieldError, FieldKind, FieldView, Message, OrderStatus, OrderView, ShownRefund,
        SlipView, TextRule, Typed,
    },
};

/// Kept bytes are compressed once and sent often; the others are made for one payer.
const KEPT: i32 = 11;
const ONCE: i32 = 5;

/// A text longer than this gets a box of several lines.
const ONE_LINE: u32 = 60;
/// A label longer than this stands above its field, not beside it.
const BESIDE: usize = 6;
/// A required choice of up to this many options shows them all; a longer one is the phone's own picker.
const SHOWN_OPTIONS: usize = 5;

#[derive(Template)]
#[template(path = "checkout/checkout.html")]
struct CheckoutPage<'a> {
    t: &'a Text,
    assets: &'a Assets,
    v: &'a CheckoutView,
    superseded: Option<String>,
    typed: &'a Typed,
    again: bool,
    errors: usize,
    loose: Vec<&'a str>,
    amount_error: Option<&'a str>,
    amount_focus: bool,
    fields: Vec<Field<'a>>,
    pay_amount: String,
}

/// One field with what was typed into it and what is wrong with it.
struct Field<'a> {
    v: &'a FieldView,
    name: String,
    widget: Widget<'a>,
    error: Option<&'a str>,
    focus: bool,
    wide: bool,
}

enum Widget<'a> {
    Line { value: &'a str, max: u32, rule: &'static str, input: &'static str },
    Lines { value: &'a str, max: u32 },
    Picker { options: Vec<(&'a str, bool)> },
    Options { options: Vec<(&'a str, bool)>, multiple: bool },
}

#[derive(Template)]
#[template(path = "checkout/order.html")]
struct OrderPage<'a> {
    t: &'a Text,
    assets: &'a Assets,
    v: &'a OrderView,
    money: String,
    refunds: Vec<String>,
    status: &'static str,
    created_at: String,
    paid_at: Option<String>,
    wallet: &'static str,
    scan_qr: String,
}

#[derive(Template)]
#[template(path = "checkout/slip.html")]
struct SlipPage<'a> {
    t: &'a Text,
    assets: &'a Assets,
    v: &'a SlipView,
    money: String,
}

#[derive(Template)]
#[template(path = "checkout/message.html")]
struct MessagePage<'a> {
    t: &'a Text,
    assets: &'a Assets,
    m: MessageText,
}

/// The page of a code, to be kept per code and form version: compressed as well as it can be.
///
/// # Errors
/// [`Error`] where the page cannot be made at all.
pub fn render_checkout(view: &CheckoutView) -> Result<Page, Error> {
    checkout(view, &Typed::default(), None, KEPT)
}

/// The same page again for one payer, with everything typed and each error under its field (issue 2, "Bad input").
///
/// # Errors
/// [`Error`] where the page cannot be made at all.
pub fn render_refused(view: &CheckoutView, typed: &Typed, errors: &[FieldError]) -> Result<Page, Error> {
    checkout(view, typed, Some(errors), ONCE)
}

fn checkout(view: &CheckoutView, typed: &Typed, errors: Option<&[FieldError]>, quality: i32) -> Result<Page, Error> {
    let refused = errors.unwrap_or_default();
    let error_of = |name: &str| refused.iter().find(|e| e.field == name).map(|e| e.message.as_str());
    let typed_amount = matches!(view.amount.mode, AmountMode::Typed { .. });
    let amount_error = error_of("amount").filter(|_| typed_amount);
    let mut focus_taken = amount_error.is_some();
    let mut fields = Vec::with_capacity(view.fields.len());
    for field in &view.fields {
        let name = format!("f_{}", field.key);
        let error = error_of(&name);
        let focus = error.is_some() && !focus_taken;
        focus_taken |= focus;
        let wide = field.label.chars().count() > BESIDE;
        fields.push(Field { v: field, widget: widget(field, typed), error, focus, wide, name });
    }
    let has_place = |name: &str| (name == "amount" && typed_amount) || fields.iter().any(|f| f.name == name);
    let loose = refused.iter().filter(|e| !has_place(&e.field)).map(|e| e.message.as_str()).collect();
    let superseded = view.superseded_until_ms.map(|until| clock_time(until, view.now_ms)).transpose()?;
    let pay_amount = match view.amount.mode {
        AmountMode::Fixed(amount) => amount.grouped(),
        AmountMode::Typed { .. } => String::new(),
    };
    let page = CheckoutPage {
        t: &ZH,
        assets: &assets::CHECKOUT,
        v: view,
        superseded,
        typed,
        again: errors.is_some(),
        errors: refused.len(),
        loose,
        amount_error,
        amount_focus: amount_error.is_some(),
        fields,
        pay_amount,
    };
    finish(page.render()?, &assets::CHECKOUT, quality)
}

fn widget<'a>(field: &'a FieldView, typed: &'a Typed) -> Widget<'a> {
    match &field.kind {
        FieldKind::Text { max_length, rule: TextRule::None } if *max_length > ONE_LINE => {
            Widget::Lines { value: typed.first(&field.key), max: *max_length }
        }
        FieldKind::Text { max_length, rule } => {
            let (rule, input) = match rule {
                TextRule::None => ("", ""),
                TextRule::Digits => ("digits", "numeric"),
                TextRule::Mobile => ("mobile", "tel"),
            };
            Widget::Line { value: typed.first(&field.key), max: *max_length, rule, input }
        }
        FieldKind::Choice { options, multiple } => {
            let all_shown = *multiple || (field.required && options.len() <= SHOWN_OPTIONS);
            let options = options.iter().map(|o| (o.as_str(), typed.holds(&field.key, o))).collect();
            if all_shown { Widget::Options { options, multiple: *multiple } } else { Widget::Picker { options } }
        }
    }
}

/// The page of an order.
///
/// # Errors
/// [`Error`] where the page cannot be made at all.
pub fn render_order(view: &OrderView) -> Result<Page, Error> {
    let (status, paid_at, wallet) = match view.status {
        OrderStatus::Created => ("created", None, ""),
        OrderStatus::Pending => ("pending", None, ""),
        OrderStatus::Paid { at_ms, wallet } => ("paid", Some(full_time(at_ms)?), wallet),
        OrderStatus::Closed => ("closed", None, ""),
    };
    let page = OrderPage {
        t: &ZH,
        assets: &assets::ORDER,
        v: view,
        money: view.amount.grouped(),
        refunds: view.refunds.iter().map(refund_line).collect::<Result<_, Error>>()?,
        status,
        created_at: full_time(view.created_at_ms)?,
        paid_at,
        wallet,
        scan_qr: assets::data_uri(&view.scan_qr_svg),
    };
    finish(page.render()?, &assets::ORDER, ONCE)
}

/// The merchant slip.
///
/// # Errors
/// [`Error`] where the page cannot be made at all.
pub fn render_slip(view: &SlipView) -> Result<Page, Error> {
    let money = match view {
        SlipView::Paid(slip) => slip.amount.grouped(),
        SlipView::Waiting | SlipView::Foreign => String::new(),
    };
    finish(SlipPage { t: &ZH, assets: &assets::SLIP, v: view, money }.render()?, &assets::SLIP, ONCE)
}

/// `¥3.00 · 2026-11-23 14:32:05 · 招商银行信用卡0403`, or that it is on its way.
fn refund_line(refund: &ShownRefund) -> Result<String, Error> {
    let when = refund.at_ms.map_or(Ok(ZH.refunding.to_owned()), full_time)?;
    let account = if refund.account.is_empty() { String::new() } else { format!(" · {}", refund.account) };
    Ok(format!("¥{} · {when}{account}", refund.amount.grouped()))
}

/// A page that only says something; ten of them, to be rendered once at start.
///
/// # Errors
/// [`Error`] where the page cannot be made at all.
pub fn render_message(which: Message) -> Result<Page, Error> {
    let page = MessagePage { t: &ZH, assets: &assets::MESSAGE, m: text::message(which) };
    finish(page.render()?, &assets::MESSAGE, KEPT)
}

fn finish(html: String, assets: &'static Assets, quality: i32) -> Result<Page, Error> {
    let html = html.into_bytes();
    // A window of 64 KiB holds the whole page and keeps the compressor's memory small.
    let how = BrotliEncoderParams { quality, lgwin: 16, size_hint: html.len(), ..BrotliEncoderParams::default() };
    let mut brotli = Vec::with_capacity(html.len() / 3);
    brotli::BrotliCompress(&mut html.as_slice(), &mut brotli, &how)?;
    Ok(Page { html, brotli, csp: &assets.csp })
}

/// The business zone: fixed +08:00, whatever the server's own is.
fn shanghai() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// `2026-11-23 14:32:05` in Shanghai.
fn full_time(at_ms: i64) -> Result<String, Error> {
    let at = Timestamp::from_millisecond(at_ms)?.to_zoned(shanghai());
    Ok(at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// `14:32`, with the date where it is not today's: the line must stay true past midnight.
fn clock_time(at_ms: i64, now_ms: i64) -> Result<String, Error> {
    let at = Timestamp::from_millisecond(at_ms)?.to_zoned(shanghai());
    let now = Timestamp::from_millisecond(now_ms)?.to_zoned(shanghai());
    let how = if at.date() == now.date() { "%H:%M" } else { "%-m 月 %-d 日 %H:%M" };
    Ok(at.strftime(how).to_string())
}
