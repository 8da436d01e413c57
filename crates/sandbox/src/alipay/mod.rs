//! Alipay: its OpenAPI gateway, its authorisation page, its trades and its notifications.

mod identity;
pub(crate) mod sign;

pub(crate) use identity::{APP_ID, Identity};
