//! Styles and scripts that stand inside the pages, and the policies that allow exactly them.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::digest::{SHA256, digest};

/// What one kind of page carries inside.
pub(super) struct Assets {
    pub(super) css: &'static str,
    pub(super) js: &'static str,
    pub(super) csp: String,
}

/// For the page of a code.
pub(super) static CHECKOUT: LazyLock<Assets> = LazyLock::new(|| {
    Assets::new(
        include_str!("../../../../../apps/payer/dist/page.css"),
        include_str!("../../../../../apps/payer/dist/page.js"),
    )
});

/// For the page of an order.
pub(super) static ORDER: LazyLock<Assets> = LazyLock::new(|| {
    Assets::new(
        include_str!("../../../../../apps/payer/dist/order.css"),
        include_str!("../../../../../apps/payer/dist/order.js"),
    )
});

/// For the merchant slip: the one page that somebody may frame, and only WeChat's own page after a payment.
pub(super) static SLIP: LazyLock<Assets> = LazyLock::new(|| {
    let style = include_str!("../../../../../apps/payer/dist/order.css");
    let mut slip = Assets::new(style, include_str!("../../../../../apps/payer/dist/slip.js"));
    slip.csp = slip.csp.replace("frame-ancestors 'none'", "frame-ancestors https://payapp.weixin.qq.com");
    slip
});

/// For the pages that only say something.
pub(super) static MESSAGE: LazyLock<Assets> =
    LazyLock::new(|| Assets::new(include_str!("../../../../../apps/payer/dist/message.css"), ""));

impl Assets {
    fn new(css: &'static str, js: &'static str) -> Self {
        // Inside WeChat its script bridge, which pays, talks to the app through frames of the app's own schemes. They
        // lead nowhere but into the app.
        let frames = "weixin: weixinping: weixinpreinject: wvjbscheme:";
        // esbuild ends its files with a line break; the hash covers what stands between the tags, so both use `trim`.
        let (css, js) = (css.trim(), js.trim());
        let script = if js.is_empty() { "'none'".to_owned() } else { hash(js) };
        let csp = format!(
            "default-src 'none'; script-src {script}; style-src {}; img-src 'self' data:; connect-src 'self'; \
             frame-src {frames}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            hash(css)
        );
        Assets { css, js, csp }
    }
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

/// An SVG as the address of an image: an image runs no script and can be kept by a long press.
pub(super) fn data_uri(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}
