//! The mini program's code as a picture.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State as Extract};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use qrcode::{Color, QrCode};
use serde::Deserialize;

use super::answer::Refused;
use super::token;
use crate::app::App;
use crate::error::Error;
use crate::institution::MINI_PROGRAM;

/// White modules around the code.
const QUIET: usize = 4;

#[derive(Debug, Deserialize)]
pub(crate) struct Token {
    access_token: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Asked {
    scene: String,
    #[serde(default)]
    page: String,
    #[serde(default = "release")]
    env_version: String,
    #[serde(default = "usual_width")]
    width: usize,
}

fn release() -> String {
    "release".into()
}

fn usual_width() -> usize {
    430
}

/// `POST /wxa/getwxacodeunlimit`: a picture, or JSON that says why not.
pub(crate) async fn unlimited(
    Extract(app): Extract<Arc<App>>,
    Query(given): Query<Token>,
    body: Bytes,
) -> Result<Response, Refused> {
    let given = given.access_token.unwrap_or_default();
    let now_ms = app.now_ms();
    app.state.read(|connection| token::valid(connection, MINI_PROGRAM, &given, now_ms))?;
    let asked: Asked = serde_json::from_slice(&body).map_err(|_| Refused::ARGUMENT)?;
    check(&asked)?;
    let text = format!("weixin://miniprogram/{MINI_PROGRAM}/{}?scene={}", asked.page, asked.scene);
    Ok(([(CONTENT_TYPE, "image/png")], picture(&text, asked.width)?).into_response())
}

fn check(asked: &Asked) -> Result<(), Refused> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'()*+,/:;=?@-._~".contains(&byte);
    if !(1..=32).contains(&asked.scene.len()) || !asked.scene.bytes().all(allowed) {
        return Err(Refused::SCENE);
    }
    if asked.page.starts_with('/') || asked.page.contains('?') {
        return Err(Refused::PAGE);
    }
    let known = ["release", "trial", "develop"].contains(&asked.env_version.as_str());
    if known && (280..=1280).contains(&asked.width) { Ok(()) } else { Err(Refused::ARGUMENT) }
}

/// A QR code of `text` as a square grey PNG of `width` pixels.
fn picture(text: &str, width: usize) -> Result<Vec<u8>, Error> {
    let broken = |error: String| Error::Picture(error);
    let code = QrCode::new(text).map_err(|error| broken(error.to_string()))?;
    let (modules, colors) = (code.width(), code.to_colors());
    let scale = (width / (modules + 2 * QUIET)).max(1);
    let margin = width.saturating_sub(modules * scale) / 2;
    let mut pixels = vec![255u8; width * width];
    for (at, _) in colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let (left, top) = (margin + at % modules * scale, margin + at / modules * scale);
        for line in top..top + scale {
            pixels[line * width + left..line * width + left + scale].fill(0);
        }
    }
    let side = u32::try_from(width).map_err(|error| broken(error.to_string()))?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|error| broken(error.to_string()))?;
    writer.write_image_data(&pixels).map_err(|error| broken(error.to_string()))?;
    writer.finish().map_err(|error| broken(error.to_string()))?;
    Ok(file)
}
