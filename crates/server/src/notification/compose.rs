//! The mail itself: text and HTML, the mini program's code as a picture inside.

use std::time::{Duration, UNIX_EPOCH};

use askama::Template;
use lettre::{
    Message,
    message::{Attachment, Mailbox, MultiPart, SinglePart, header::ContentType},
};
use wechat_platform::CodeImage;

/// How the HTML names the picture.
const PICTURE: &str = "miniprogram";

/// What a first mail says.
pub(super) struct Letter {
    /// Names the mail for ever: a second copy is recognised by it.
    pub mail_id: i64,
    /// The sender.
    pub from: Mailbox,
    /// The manager's address.
    pub to: Mailbox,
    /// The domain of this installation.
    pub host: String,
    /// UTC milliseconds.
    pub at_ms: i64,
    /// What this installation is called.
    pub platform: String,
    /// The official account to follow, where there is one.
    pub official_account: Option<String>,
    /// The company's full registered name.
    pub company: String,
    /// The manager's name.
    pub name: String,
    /// The account.
    pub mobile: String,
    /// The first password; without it the present one holds.
    pub password: Option<String>,
    /// The mini program's code.
    pub picture: Option<CodeImage>,
}

#[derive(Template)]
#[template(path = "mail/first.html")]
struct Html<'a> {
    l: &'a Letter,
    picture: &'static str,
}

#[derive(Template)]
#[template(path = "mail/first.txt")]
struct Text<'a> {
    l: &'a Letter,
}

/// Why a mail could not be written, which is a defect or a broken setting.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Template(#[from] askama::Error),
    #[error(transparent)]
    Message(#[from] lettre::error::Error),
    #[error(transparent)]
    ContentType(#[from] lettre::message::header::ContentTypeErr),
}

/// The message, the same bytes for the same letter.
pub(super) fn message(letter: &Letter) -> Result<Message, Error> {
    let mark = |part: &str| format!("=_mott_{}_{part}", letter.mail_id);
    let text = SinglePart::plain(Text { l: letter }.render()?);
    let html = SinglePart::html(Html { l: letter, picture: PICTURE }.render()?);
    let mut rich = MultiPart::related().boundary(mark("rich")).singlepart(html);
    if let Some(picture) = &letter.picture {
        let kind = ContentType::parse(&picture.content_type)?;
        rich = rich.singlepart(Attachment::new_inline(PICTURE.into()).body(picture.bytes.clone(), kind));
    }
    let body = MultiPart::alternative().boundary(mark("both")).singlepart(text).multipart(rich);
    let at = UNIX_EPOCH + Duration::from_millis(letter.at_ms.unsigned_abs());
    Ok(Message::builder()
        .from(letter.from.clone())
        .to(letter.to.clone())
        .subject(format!("{}登录信息：{}", letter.platform, letter.company))
        .message_id(Some(format!("<{}@{}>", letter.mail_id, letter.host)))
        .date(at)
        .multipart(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            mail_id: 7,
            from: "星收付 <noreply@example.test>".parse().unwrap(),
            to: "wang@example.test".parse().unwrap(),
            host: "pay.test".into(),
            at_ms: 1_795_399_200_000,
            platform: "星收付".into(),
            official_account: Some("LUCKYBYTE".into()),
            company: "云杉<教育>科技有限公司".into(),
            name: "王小明".into(),
            mobile: "13800002176".into(),
            password: Some("abcd2345efgh".into()),
            picture: Some(CodeImage { content_type: "image/png".into(), bytes: vec![1, 2, 3] }),
        }
    }

    #[test]
    fn a_mail_has_what_login_needs_product_3_1() {
        let l = letter();
        let (text, html) = (Text { l: &l }.render().unwrap(), Html { l: &l, picture: PICTURE }.render().unwrap());
        for body in [&text, &html] {
            for needed in ["13800002176", "abcd2345efgh", "LUCKYBYTE", "商户服务", "星收付", "王小明", "云杉"]
            {
                assert!(body.contains(needed), "{needed} is missing: {body}");
            }
        }
        assert!(html.contains("云杉&#60;教育&#62;科技有限公司") && html.contains("cid:miniprogram"));
    }

    #[test]
    fn the_same_letter_is_the_same_mail() {
        let bytes = message(&letter()).unwrap().formatted();
        assert_eq!(bytes, message(&letter()).unwrap().formatted());
        let head = String::from_utf8_lossy(&bytes).into_owned();
        assert!(head.contains("Message-ID: <7@pay.test>") && head.contains("Content-ID: <miniprogram>"), "{head}");
    }

    #[test]
    fn a_mail_without_a_password_says_that_the_present_one_holds() {
        let l = Letter { password: None, picture: None, official_account: None, ..letter() };
        let (text, html) = (Text { l: &l }.render().unwrap(), Html { l: &l, picture: PICTURE }.render().unwrap());
        for body in [&text, &html] {
            assert!(body.contains("密码没有变化") && !body.contains("cid:") && !body.contains("公众号"), "{body}");
        }
    }
}
