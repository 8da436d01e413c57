//! What the payer's pages are told: plain values, no database, no request.

use money::Amount;

/// The page of one live (or superseded) collection code. Everything in it depends on the code and its form version
/// only, so that the rendered bytes can be kept and sent to everybody (PRODUCT 4, DESIGN 3).
#[derive(Clone, Debug)]
pub struct CheckoutView {
    /// Where the form is posted to: `/pay/c…`, the code's own path.
    pub path: String,
    /// The form version that this page shows; comes back as `version`.
    pub form_version: i64,
    /// The company's full registered name (全称), shown before anything is asked.
    pub merchant_full_name: String,
    /// The manager whose code this is.
    pub manager_name: String,
    /// The code's short id, such as `A3-0172`.
    pub code_short_id: String,
    /// Until when a superseded code still takes orders, UTC ms; `None` for a live one.
    pub superseded_until_ms: Option<i64>,
    /// The time of rendering, UTC ms: decides whether the line above needs its date.
    pub now_ms: i64,
    /// What the accounts offer, by words between blanks (`wechatpay.jsapi alipay.h5`); decides which hint a browser gets
    /// that cannot pay.
    pub ways: String,
    /// The amount block.
    pub amount: AmountView,
    /// The business fields, in order. Hidden preset fields must not be in here.
    pub fields: Vec<FieldView>,
}

/// The amount block of the page.
#[derive(Clone, Debug)]
pub struct AmountView {
    /// Its label, such as 付款金额.
    pub label: String,
    /// Typed by the payer, or fixed.
    pub mode: AmountMode,
}

/// Who says the amount.
#[derive(Clone, Copy, Debug)]
pub enum AmountMode {
    /// The payer types it, within these bounds (both included).
    Typed {
        /// The least amount.
        min: Amount,
        /// The greatest amount.
        max: Amount,
    },
    /// The form says it; the page posts no `amount`.
    Fixed(Amount),
}

/// One business field as the payer sees it.
#[derive(Clone, Debug)]
pub struct FieldView {
    /// The field's key; posted as `f_<key>`.
    pub key: String,
    /// Its label, at most 20 characters.
    pub label: String,
    /// A sentence under it, or empty.
    pub help: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// What may be filled in.
    pub kind: FieldKind,
}

/// What a field takes.
#[derive(Clone, Debug)]
pub enum FieldKind {
    /// Text.
    Text {
        /// The longest text, in characters (not bytes, not UTF-16 units).
        max_length: u32,
        /// What its characters must be.
        rule: TextRule,
    },
    /// One or several of these options; the option's own text is posted.
    Choice {
        /// The options, in order.
        options: Vec<String>,
        /// Whether several may be chosen (then `f_<key>` is posted once per option).
        multiple: bool,
    },
}

/// What the characters of a text must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRule {
    /// Anything.
    None,
    /// Digits only.
    Digits,
    /// A mainland mobile number: 11 digits beginning with 1.
    Mobile,
}

/// What was typed, for a page that is shown again with its errors: nothing of it is lost (issue 2, "Bad input").
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// `amount` as posted.
    pub amount: String,
    /// Field key (without `f_`) and value as posted; a multiple choice has one entry per option.
    pub values: Vec<(String, String)>,
    /// `submission` as posted.
    pub submission: String,
}

impl Typed {
    pub(super) fn first(&self, key: &str) -> &str {
        self.values.iter().find(|(k, _)| k == key).map_or("", |(_, value)| value)
    }

    pub(super) fn holds(&self, key: &str, option: &str) -> bool {
        self.values.iter().any(|(k, value)| k == key && value == option)
    }
}

/// One refused field.
#[derive(Clone, Debug)]
pub struct FieldError {
    /// `amount` or `f_<key>`, as in the problem+json answer; anything else is shown above the form.
    pub field: String,
    /// A Chinese sentence that says what to do.
    pub message: String,
}

/// The page of one order: pays, waits, or is the receipt.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// The order's own path, `/pay/o…`.
    pub path: String,
    /// The path of the code that it was made from, while that code takes orders; offers 再付一笔 and 重新填写.
    pub code_path: Option<String>,
    /// The order number for people.
    pub order_no: String,
    /// The company's full registered name.
    pub merchant_full_name: String,
    /// The manager at the time of the order.
    pub manager_name: String,
    /// What is owed.
    pub amount: Amount,
    /// The business fields as filled in, in the order of the form; empty values are left out by the caller.
    pub fields: Vec<ShownField>,
    /// Where the order stands.
    pub status: OrderStatus,
    /// What goes back to the payer, oldest first.
    pub refunds: Vec<ShownRefund>,
    /// When the order was made, UTC ms.
    pub created_at_ms: i64,
    /// What the accounts offer, by words between blanks (`wechatpay.jsapi alipay.h5`); nothing else is offered.
    pub ways: String,
    /// Whether the payer said "不是我要付的".
    pub disputed: bool,
    /// An SVG code of this order's absolute URL, for 请用微信扫一扫: whoever scans it goes on with what is filled in.
    pub scan_qr_svg: String,
}

/// A label and the value under it.
#[derive(Clone, Debug)]
pub struct ShownField {
    /// The label as the payer saw it.
    pub label: String,
    /// The value as the payer saw it.
    pub value: String,
}

/// Money that goes back to the payer, as the receipt says it.
#[derive(Clone, Debug)]
pub struct ShownRefund {
    /// How much.
    pub amount: Amount,
    /// When the payer had it, UTC ms; `None`: on its way.
    pub at_ms: Option<i64>,
    /// Where it went, in the institution's words.
    pub account: String,
}

/// Where an order stands, as the payer is told (PRODUCT 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStatus {
    /// Nothing was asked of the channel yet.
    Created,
    /// An attempt lives at the channel; its end is not known.
    Pending,
    /// Paid at this time, UTC ms.
    Paid {
        /// The success time, UTC ms.
        at_ms: i64,
        /// With which wallet, by its name on screen.
        wallet: &'static str,
    },
    /// Closed, not paid.
    Closed,
}

/// The merchant slip (商家小票) that WeChat frames after a payment.
#[derive(Clone, Debug)]
pub enum SlipView {
    /// Paid, and the frame's address is proven to be WeChat's.
    Paid(Slip),
    /// Nobody knows the result yet; the frame looks again by itself.
    Waiting,
    /// The address is not proven: nothing of any order is shown.
    Foreign,
}

/// What a slip says.
#[derive(Clone, Debug)]
pub struct Slip {
    /// The company's full registered name.
    pub merchant_full_name: String,
    /// What was paid.
    pub amount: Amount,
    /// The order number for people.
    pub order_no: String,
    /// The whole address of the order's own page, where the whole receipt is.
    pub back: String,
}

/// The pages that only say something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// No such code (404).
    UnknownCode,
    /// The code's time is over (410).
    ExpiredCode,
    /// The address is cut or damaged (404: nothing can be there).
    MalformedCode,
    /// No such order (404).
    UnknownOrder,
    /// The manager was disabled (403).
    ManagerDisabled,
    /// What was posted could not be read (400).
    BadRequest,
    /// What was posted is too large (413).
    TooLarge,
    /// Too much at once (503).
    ServerBusy,
    /// WeChat did not say who pays, or the way back from it was damaged (400).
    SignInFailed,
    /// We failed (500).
    ServerError,
}

impl Message {
    /// Every message, so that they can be rendered once at start.
    pub const ALL: [Message; 10] = [
        Message::UnknownCode,
        Message::ExpiredCode,
        Message::MalformedCode,
        Message::UnknownOrder,
        Message::ManagerDisabled,
        Message::BadRequest,
        Message::TooLarge,
        Message::ServerBusy,
        Message::SignInFailed,
        Message::ServerError,
    ];

    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Message::UnknownCode | Message::MalformedCode | Message::UnknownOrder => 404,
            Message::ExpiredCode => 410,
            Message::ManagerDisabled => 403,
            Message::BadRequest | Message::SignInFailed => 400,
            Message::TooLarge => 413,
            Message::ServerBusy => 503,
            Message::ServerError => 500,
        }
    }
}
