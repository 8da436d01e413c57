//! The WeChat platform: users, official account and mini program.

pub(crate) mod users;
