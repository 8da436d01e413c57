use std::fmt;

use async_trait::async_trait;
use reqwest::Client;
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded::byte_serialize};

use crate::{
    AppSettings, Clock, CodeImage, CodeRequest, MiniProgramLogin, OfficialAccountSettings, PlatformError, Settings,
    SetupError, WechatPlatform, http, token::TokenCache,
};

/// What may stand in a code's scene beside letters and digits \[D 16\].
const SCENE_MARKS: &str = "!#$&'()*+,/:;=?@-._~";

/// The platform over HTTP.
pub struct Platform {
    http: Client,
    mini_program: Option<MiniProgram>,
    official_account: Option<OfficialAccountSettings>,
}

struct MiniProgram {
    app: AppSettings,
    token: TokenCache,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform")
            .field("mini_program", &self.mini_program.as_ref().map(|m| &m.app))
            .field("official_account", &self.official_account)
            .finish_non_exhaustive()
    }
}

impl Platform {
    /// Checks the settings; opens no connection.
    ///
    /// # Errors
    /// The setting that is wrong, and the cure.
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, SetupError> {
        let http = http::client(settings.timeout_ms)?;
        let mini_program = settings
            .mini_program
            .map(|app| checked(app, ["mini_program.appid", "mini_program.secret", "mini_program.base_url"]))
            .transpose()?
            .map(|app| MiniProgram { token: TokenCache::new(app.clone(), clock), app });
        let official_account = settings
            .official_account
            .map(|account| {
                let names = ["official_account.appid", "official_account.secret", "official_account.base_url"];
                let oauth_url = origin(&account.oauth_url, "official_account.oauth_url")?;
                Ok(OfficialAccountSettings { app: checked(account.app, names)?, oauth_url })
            })
            .transpose()?;
        Ok(Platform { http, mini_program, official_account })
    }

    fn mini_program(&self) -> Result<&MiniProgram, PlatformError> {
        self.mini_program.as_ref().ok_or(PlatformError::NotConfigured("mini program"))
    }

    fn official_account(&self) -> Result<&OfficialAccountSettings, PlatformError> {
        self.official_account.as_ref().ok_or(PlatformError::NotConfigured("official account"))
    }

    async fn draw(&self, app: &AppSettings, token: &str, request: &CodeRequest) -> Result<CodeImage, PlatformError> {
        let body = CodeBody {
            scene: &request.scene,
            page: request.page.as_deref(),
            check_path: request.check_path,
            env_version: &request.env_version,
            width: request.width,
        };
        let url = format!("{}/wxa/getwxacodeunlimit", app.base_url);
        http::image(self.http.post(url).query(&[("access_token", token)]).json(&body)).await
    }
}

fn checked(app: AppSettings, names: [&'static str; 3]) -> Result<AppSettings, SetupError> {
    if app.appid.trim().is_empty() {
        return Err(SetupError { setting: names[0], cure: "write the application's id, which begins with wx".into() });
    }
    if app.secret.trim().is_empty() {
        return Err(SetupError {
            setting: names[1],
            cure: "write the AppSecret shown in the account's console".into(),
        });
    }
    let base_url = origin(&app.base_url, names[2])?;
    Ok(AppSettings { appid: app.appid.trim().to_owned(), secret: app.secret.trim().to_owned(), base_url })
}

/// Scheme, host and port without a final slash, so that paths can be appended.
fn origin(text: &str, setting: &'static str) -> Result<String, SetupError> {
    let wrong = |why: &str| SetupError {
        setting,
        cure: format!("{why}; write scheme and host only, such as https://api.weixin.qq.com"),
    };
    let url = Url::parse(text.trim()).map_err(|why| wrong(&why.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("only http and https are spoken"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong("it holds more than a host"));
    }
    Ok(url.origin().ascii_serialization())
}

#[derive(Deserialize)]
struct LoginAnswer {
    openid: String,
    #[serde(default)]
    unionid: Option<String>,
}

#[derive(Serialize)]
struct CodeBody<'a> {
    scene: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
    check_path: bool,
    env_version: &'a str,
    width: u32,
}

#[async_trait]
impl WechatPlatform for Platform {
    async fn login_code(&self, code: &str) -> Result<MiniProgramLogin, PlatformError> {
        let app = &self.mini_program()?.app;
        let request = self.http.get(format!("{}/sns/jscode2session", app.base_url)).query(&[
            ("appid", app.appid.as_str()),
            ("secret", app.secret.as_str()),
            ("js_code", code),
            ("grant_type", "authorization_code"),
        ]);
        let answer: LoginAnswer = http::json(request).await?;
        Ok(MiniProgramLogin { openid: answer.openid, unionid: answer.unionid.filter(|id| !id.is_empty()) })
    }

    fn authorize_url(&self, redirect_uri: &str, state: &str) -> Result<String, PlatformError> {
        let account = self.official_account()?;
        if state.len() > 128 {
            return Err(PlatformError::Misused("an OAuth state may have 128 bytes"));
        }
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        Ok(format!(
            "{}/connect/oauth2/authorize?appid={}&redirect_uri={}&response_type=code&scope=snsapi_base&state={}#wechat_redirect",
            account.oauth_url,
            encoded(&account.app.appid),
            encoded(redirect_uri),
            encoded(state),
        ))
    }

    async fn oauth_openid(&self, code: &str) -> Result<String, PlatformError> {
        let app = &self.official_account()?.app;
        let request = self.http.get(format!("{}/sns/oauth2/access_token", app.base_url)).query(&[
            ("appid", app.appid.as_str()),
            ("secret", app.secret.as_str()),
            ("code", code),
            ("grant_type", "authorization_code"),
        ]);
        let answer: LoginAnswer = http::json(request).await?;
        Ok(answer.openid)
    }

    async fn mini_program_code(&self, request: &CodeRequest) -> Result<CodeImage, PlatformError> {
        let MiniProgram { app, token } = self.mini_program()?;
        let takes = |c: char| c.is_ascii_alphanumeric() || SCENE_MARKS.contains(c);
        if !(1..=32).contains(&request.scene.len()) || !request.scene.chars().all(takes) {
            return Err(PlatformError::Misused("a scene has 1 to 32 of the permitted characters"));
        }
        let first = token.get(&self.http).await?;
        match self.draw(app, &first, request).await {
            Err(why) if why.is_bad_token() => {
                let second = token.instead_of(&self.http, &first).await?;
                self.draw(app, &second, request).await
            }
            answer => answer,
        }
    }
}
