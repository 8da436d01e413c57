//! The one error shape: RFC 9457 `application/problem+json`, Chinese and English, with a stable `code`.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What was wrong, where, and what to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `/problems/<code>`
    #[serde(rename = "type")]
    pub kind: String,
    /// What was wrong, in Chinese.
    pub title: String,
    /// What was wrong, in English.
    pub title_en: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable, for programs.
    pub code: String,
    /// What to do, in Chinese.
    pub detail: String,
    /// What to do, in English.
    pub detail_en: String,
    /// Which fields, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
    /// Not before, UTC milliseconds (throttled, locked).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at_ms: Option<i64>,
    /// Who pushed this session out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub displaced: Option<Displaced>,
    /// How a login from another identity goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Box<Verification>>,
}

/// One field that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Its name as it was sent.
    pub field: String,
    /// Stable, for programs.
    pub code: String,
    /// What to do, in Chinese.
    pub message: String,
    /// What to do, in English.
    pub message_en: String,
}

impl FieldProblem {
    /// A field that was not taken.
    pub fn new(
        field: impl Into<String>,
        code: &str,
        message: impl Into<String>,
        message_en: impl Into<String>,
    ) -> Self {
        FieldProblem { field: field.into(), code: code.into(), message: message.into(), message_en: message_en.into() }
    }
}

/// The login that pushed a session out (PRODUCT 3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Displaced {
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// On which device.
    pub device: String,
    /// From which masked network.
    pub network: String,
}

/// A login that goes on with a code by SMS (PRODUCT 3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Verification {
    /// Proves that the password was right; asks for the code and brings it back. Good for fifteen minutes.
    pub ticket: String,
    /// Where the code goes, masked.
    pub mobile: String,
}

/// The fixed words of one kind of problem.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: &'static str,
    /// What was wrong: Chinese, English.
    pub title: (&'static str, &'static str),
    /// What to do: Chinese, English.
    pub detail: (&'static str, &'static str),
}

impl Problem {
    /// A problem with its fixed words.
    pub fn new(words: Words) -> Problem {
        Problem {
            kind: format!("/problems/{}", words.code),
            title: words.title.0.into(),
            title_en: words.title.1.into(),
            status: words.status,
            code: words.code.into(),
            detail: words.detail.0.into(),
            detail_en: words.detail.1.into(),
            errors: Vec::new(),
            retry_at_ms: None,
            displaced: None,
            verification: None,
        }
    }

    /// Names the fields.
    pub fn with_errors(mut self, errors: Vec<FieldProblem>) -> Problem {
        self.errors = errors;
        self
    }

    /// Says until when.
    pub fn with_retry_at_ms(mut self, at_ms: i64) -> Problem {
        self.retry_at_ms = Some(at_ms);
        self
    }

    /// Says who pushed the session out.
    pub fn with_displaced(mut self, displaced: Displaced) -> Problem {
        self.displaced = Some(displaced);
        self
    }

    /// Says how the login goes on.
    pub fn with_verification(mut self, verification: Verification) -> Problem {
        self.verification = Some(Box::new(verification));
        self
    }

    /// Nothing under this address, or nothing that exists for you.
    pub fn not_found() -> Problem {
        Problem::new(Words {
            status: 404,
            code: "not_found",
            title: ("没有找到", "Not found"),
            detail: ("请检查地址，或返回上一页重试。", "Check the address, or go back and try again."),
        })
    }

    /// The request's shape is wrong.
    pub fn malformed(why: impl std::fmt::Display) -> Problem {
        let mut problem = Problem::new(Words {
            status: 400,
            code: "request.malformed",
            title: ("请求格式不正确", "The request is malformed"),
            detail: ("请刷新页面后重试。", "Reload the page and try again."),
        });
        problem.detail_en = format!("{} ({why})", problem.detail_en);
        problem
    }

    /// More bytes than anything here takes.
    pub fn too_large() -> Problem {
        Problem::new(Words {
            status: 413,
            code: "request.too_large",
            title: ("提交的内容过大", "The request is too large"),
            detail: ("请减少内容后重试。", "Send less and try again."),
        })
    }

    /// The address exists, the method does not.
    pub fn method_not_allowed() -> Problem {
        Problem::new(Words {
            status: 405,
            code: "request.method",
            title: ("不支持的请求方法", "Method not allowed"),
            detail: ("请刷新页面后重试。", "Reload the page and try again."),
        })
    }

    /// Fields of an input were not taken.
    pub fn fields(errors: Vec<FieldProblem>) -> Problem {
        Problem::new(Words {
            status: 422,
            code: "field.invalid",
            title: ("有内容需要修改", "Some fields need attention"),
            detail: ("请按提示修改后重新提交。", "Correct the fields marked and submit again."),
        })
        .with_errors(errors)
    }

    /// Somebody else changed it first.
    pub fn stale() -> Problem {
        Problem::new(Words {
            status: 409,
            code: "conflict.stale",
            title: ("内容已被其他人修改", "Somebody else changed this first"),
            detail: (
                "您的修改没有丢失，请对照最新内容后重新保存。",
                "Nothing was lost: compare with the latest and save again.",
            ),
        })
    }
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Problem {
        match error {
            db::Error::Busy | db::Error::Unavailable(_) | db::Error::CommitUnknown | db::Error::Conflict(_) => {
                tracing::warn!(%error, "the database is not answering in time");
                Problem::busy()
            }
            db::Error::Nul => Problem::malformed("a NUL character"),
            db::Error::Unique(_)
            | db::Error::Statement(_)
            | db::Error::Column { .. }
            | db::Error::NoRow
            | db::Error::ForeignAwait
            | db::Error::Panicked
            | db::Error::NewerSchema(_) => {
                tracing::error!(%error, "a defect met the database");
                Problem::internal()
            }
        }
    }
}

impl Problem {
    /// More work than there is room for, now.
    pub fn busy() -> Problem {
        Problem::new(Words {
            status: 503,
            code: "server.busy",
            title: ("系统繁忙", "The system is busy"),
            detail: (
                "请稍等几秒再试，已填写的内容不会丢失。",
                "Wait a few seconds and try again; nothing typed is lost.",
            ),
        })
    }

    /// A defect of ours; the log has the reason.
    pub fn internal() -> Problem {
        Problem::new(Words {
            status: 500,
            code: "server.error",
            title: ("系统出现异常", "Something went wrong on our side"),
            detail: (
                "请稍后再试；如果一直这样，请联系管理员。",
                "Try again later; if it persists, contact your admin.",
            ),
        })
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let headers = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
        (status, headers, body).into_response()
    }
}
