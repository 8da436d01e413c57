//! The payer's pages as bytes. Pure: views in, HTML out; no clock, no request, no database (PRODUCT 4, DESIGN 6).
//!
//! Every page is one answer: style and script stand inside it, allowed by their hash, and nothing in it differs from
//! one payer to the next, so [`render_checkout`] is called once per code and form version and its bytes are kept.

mod assets;
mod render;
mod text;
mod view;

#[cfg(test)]
mod tests;

pub use render::{render_checkout, render_message, render_order, render_refused, render_slip};
pub use view::{
    AmountMode, AmountView, CheckoutView, FieldError, FieldKind, FieldView, Message, OrderStatus, OrderView,
    ShownField, ShownRefund, Slip, SlipView, TextRule, Typed,
};

/// One rendered page.
#[derive(Clone, Debug)]
pub struct Page {
    /// UTF-8 HTML.
    pub html: Vec<u8>,
    /// The same, compressed with brotli (11 where the page is kept, 5 where it is made for one payer).
    pub brotli: Vec<u8>,
    /// The value of `Content-Security-Policy` for this page.
    pub csp: &'static str,
}

impl Page {
    /// Bytes of the whole first answer as HTTP/1.1 sends it: status line, the headers every page has, brotli body.
    /// The budget is 14 000 (ten TCP segments, DESIGN 6).
    pub fn answer_bytes(&self) -> usize {
        let named = HEADERS.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>();
        let length = self.brotli.len().to_string().len();
        "HTTP/1.1 200 OK\r\n\r\n".len()
            + named
            + "content-security-policy: \r\n".len()
            + self.csp.len()
            + "content-encoding: br\r\n".len()
            + "content-length: \r\n".len()
            + length
            + "date: Mon, 23 Nov 2026 02:00:00 GMT\r\n".len()
            + self.brotli.len()
    }
}

/// The headers of every payer's page, beside the policy, the encoding and the length. The referrer is needed by the
/// H5 product, which checks the paying domain by it: never `no-referrer` (PRODUCT 4).
pub const HEADERS: [(&str, &str); 5] = [
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "private, no-cache"),
    ("vary", "accept, accept-encoding"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("x-content-type-options", "nosniff"),
];

/// Why a page could not be rendered. Neither happens with values from our own tables.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The template gave up.
    #[error("the page could not be rendered: {0}")]
    Template(#[from] askama::Error),
    /// A time lies outside of the calendar.
    #[error("a time of the page cannot be shown: {0}")]
    Time(#[from] jiff::Error),
    /// The compressor gave up.
    #[error("the page could not be compressed: {0}")]
    Compress(#[from] std::io::Error),
}
