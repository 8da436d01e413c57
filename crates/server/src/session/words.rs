//! The words of what goes wrong with sessions, Chinese and English.

use crate::web::{FieldProblem, Problem, Words};

pub(super) const MISSING: Words = Words {
    status: 401,
    code: "session.missing",
    title: ("请登录", "Please log in"),
    detail: ("登录后才能继续。", "Log in to go on."),
};
pub(super) const EXPIRED: Words = Words {
    status: 401,
    code: "session.expired",
    title: ("登录已过期", "The session expired"),
    detail: ("请重新登录。", "Log in again."),
};
pub(super) const DISPLACED: Words = Words {
    status: 401,
    code: "session.displaced",
    title: ("账号已在其它地方登录", "The account logged in elsewhere"),
    detail: (
        "如果不是您本人操作，账号可能被盗用，请立即联系管理员停用账号。",
        "If it was not you, the account may be stolen: ask your admin to disable it at once.",
    ),
};
pub(super) const ENDED: Words = Words {
    status: 401,
    code: "session.ended",
    title: ("登录已结束", "The session ended"),
    detail: ("请重新登录。", "Log in again."),
};
pub(super) const DISABLED: Words = Words {
    status: 403,
    code: "manager.disabled",
    title: ("账号已停用", "The account is disabled"),
    detail: ("请联系管理员。", "Contact your admin."),
};
pub(super) const WRONG: Words = Words {
    status: 401,
    code: "login.wrong",
    title: ("账号或密码不正确", "Wrong account or password"),
    detail: ("请核对后重试；忘记密码请联系管理员。", "Check both and try again; ask your admin if you forgot it."),
};
pub(super) const THROTTLED: Words = Words {
    status: 429,
    code: "login.throttled",
    title: ("登录失败次数较多", "Several logins failed"),
    detail: ("请稍等片刻再试。", "Wait a moment before trying again."),
};
pub(super) const LOCKED: Words = Words {
    status: 429,
    code: "login.locked",
    title: ("登录失败次数过多，已暂时锁定", "Too many failed logins: locked for a while"),
    detail: (
        "请在提示的时间之后再试；忘记密码请联系管理员。",
        "Try again after the time shown; ask your admin if you forgot the password.",
    ),
};
pub(super) const OTHER_IDENTITY: Words = Words {
    status: 403,
    code: "login.other_identity",
    title: ("账号已绑定其它微信或浏览器", "The account is bound to another WeChat account or browser"),
    detail: ("请联系管理员解绑后再登录。", "Ask your admin to unbind it, then log in again."),
};
pub(super) const PLATFORM: Words = Words {
    status: 502,
    code: "channel.unavailable",
    title: ("暂时无法连接微信", "WeChat cannot be reached"),
    detail: ("请稍后再试。", "Try again later."),
};
pub(super) const CODE_NEEDED: Words = Words {
    status: 403,
    code: "login.code_needed",
    title: ("需要短信验证", "A code by SMS is needed"),
    detail: (
        "账号绑定的是另一个微信或浏览器，请用发到账号手机的验证码登录。",
        "The account is bound to another WeChat account or browser: log in with the code sent to its mobile.",
    ),
};
pub(super) const TICKET_OVER: Words = Words {
    status: 403,
    code: "login.ticket_over",
    title: ("验证已超时", "The verification took too long"),
    detail: ("请返回，重新输入密码。", "Go back and type the password again."),
};
pub(super) const CODE_TOO_SOON: Words = Words {
    status: 429,
    code: "code.too_soon",
    title: ("验证码刚刚发过", "A code was sent a moment ago"),
    detail: ("请用收到的验证码，或稍后再获取。", "Use the code that arrives, or ask again later."),
};
pub(super) const CODE_TOO_MANY: Words = Words {
    status: 429,
    code: "code.too_many",
    title: ("一天内获取验证码的次数已用完", "No more codes can be sent today"),
    detail: ("请稍后再试，或请管理员解除绑定。", "Try again later, or ask your admin to unbind the account."),
};
pub(super) const CODE_SPENT: Words = Words {
    status: 422,
    code: "code.spent",
    title: ("验证码已失效", "The code is no longer valid"),
    detail: ("请重新获取验证码。", "Ask for another code."),
};
pub(super) const CODE_NOT_SENT: Words = Words {
    status: 502,
    code: "code.not_sent",
    title: ("短信没有发出去", "The message could not be sent"),
    detail: ("请重新获取，仍收不到时请联系管理员。", "Ask for another code; if none comes, contact your admin."),
};

/// The code's field needs attention.
pub(super) fn code_field(code: &str, zh: &str, en: &str) -> Problem {
    Problem::fields(vec![FieldProblem::new("code", code, zh, en)])
}
