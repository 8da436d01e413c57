//! Facts in plain words, with their cures.

use channel::{Finding, Said};

use super::{Both, Line, Verdict, name};
use crate::merchant::ChannelKind;

/// An answer that takes longer is told: payers wait for it.
const SLOW_MS: i64 = 2_000;
/// A clock that is further away is told; the institution refuses at five minutes.
const SKEW_CAUTION_S: i64 = 60;
const SKEW_BAD_S: i64 = 300;

fn both(zh: impl Into<String>, en: impl Into<String>) -> Both {
    Both { zh: zh.into(), en: en.into() }
}

fn line(about: &str, check: &'static str, verdict: Verdict, found: Both, cure: Option<Both>) -> Line {
    Line { about: about.into(), check, verdict, found, cure }
}

fn bad(about: &str, check: &'static str, found: Both, cure: Both) -> Line {
    line(about, check, Verdict::Bad, found, Some(cure))
}

fn good(about: &str, check: &'static str, found: Both) -> Line {
    line(about, check, Verdict::Good, found, None)
}

/// What one finding means.
pub(super) fn of(about: &str, kind: ChannelKind, finding: &Finding) -> Line {
    let Both { zh, en } = name(kind);
    match finding {
        Finding::Reached { took_ms } => reached(about, &zh, &en, *took_ms),
        Finding::Skew { ahead_ms } => skew(about, &zh, &en, *ahead_ms),
        Finding::Unreachable { why } => bad(
            about,
            "network",
            both(format!("连不上{zh}（{why}）"), format!("{en} cannot be reached ({why})")),
            both(
                "请检查这台机器能否上网、域名解析和防火墙，以及 platform.toml 里的地址",
                "check this machine's network, name resolution and firewall, and the address in platform.toml",
            ),
        ),
        Finding::Unclear { why } => bad(
            about,
            "answer",
            both(format!("{zh}的应答不能用（{why}）"), format!("{en} answered with nothing usable ({why})")),
            both(
                "过几分钟再查；一直这样，请看地址是否写对、中间有没有代理",
                "try again in minutes; if it stays, look at the address and for a proxy in between",
            ),
        ),
        Finding::Recognised => {
            good(about, "credentials", both(format!("{zh}认得我们的签名"), format!("{en} believes our signature")))
        }
        Finding::NotRecognised(said) => not_recognised(about, kind, &zh, &en, said),
        Finding::Verified { key_id } => good(
            about,
            "signature",
            both(
                format!("应答的签名验证通过（密钥 {key_id}）"),
                format!("the answer's signature is right (key {key_id})"),
            ),
        ),
        Finding::NotSigned => good(
            about,
            "signature",
            both("应答是一句拒绝，没有签名（正常）", "the answer is a refusal without a signature, as is usual"),
        ),
        Finding::NotVerified { why } => not_verified(about, kind, &zh, &en, why),
        Finding::SealOpens => {
            good(about, "seal", both("APIv3 密钥能打开对方加密的内容", "the APIv3 key opens what is sealed with it"))
        }
        Finding::SealNotTried => line(
            about,
            "seal",
            Verdict::Good,
            both(
                "只用公钥，没有平台证书可试：APIv3 密钥要到第一个回调才验证",
                "public key only: there is no certificate to try the APIv3 key on before the first callback",
            ),
            None,
        ),
        Finding::SealBroken { why } => bad(
            about,
            "seal",
            both(
                format!("APIv3 密钥打不开对方加密的内容（{why}）：回调会全部打不开"),
                format!("the APIv3 key does not open what is sealed with it ({why}): no callback would open"),
            ),
            both(
                "到商户平台 账户中心 → API安全 核对或重设 APIv3 密钥，写进文件后再 mott apply",
                "compare or reset the APIv3 key in the merchant platform (账户中心 → API安全), then mott apply",
            ),
        ),
        Finding::MerchantKnown => good(
            about,
            "merchant",
            both(format!("{zh}允许我们为这个商户收款"), format!("{en} lets us act for this merchant")),
        ),
        Finding::MerchantRefused(said) => merchant_refused(about, kind, &zh, &en, said),
        Finding::Refused(said) => bad(
            about,
            "answer",
            both(format!("{zh}拒绝了：{}", told(said)), format!("{en} refused: {}", told(said))),
            both(
                "按对方的说明处理；不明白时把这一行发给对方客服",
                "do as it says; if unclear, send this line to its support",
            ),
        ),
    }
}

fn told(said: &Said) -> String {
    format!("{} {}", said.code, said.message).trim().to_owned()
}

fn reached(about: &str, zh: &str, en: &str, took_ms: i64) -> Line {
    let found = both(format!("{zh} {took_ms} 毫秒应答"), format!("{en} answered within {took_ms} ms"));
    if took_ms <= SLOW_MS {
        return good(about, "network", found);
    }
    let cure = both(
        "网络慢：付款人会等。请检查线路或换地址",
        "a slow network: payers wait. Look at the line or use another address",
    );
    line(about, "network", Verdict::Caution, found, Some(cure))
}

fn skew(about: &str, zh: &str, en: &str, ahead_ms: i64) -> Line {
    let seconds = ahead_ms / 1000;
    let (way, way_en) = if seconds >= 0 { ("快", "ahead of") } else { ("慢", "behind") };
    let apart = seconds.abs();
    let found = match apart {
        0 => both(format!("本机时钟与{zh}一致"), format!("this machine's clock and {en}'s agree")),
        _ => both(
            format!("本机时钟比{zh}{way} {apart} 秒"),
            format!("this machine's clock is {apart} s {way_en} {en}'s"),
        ),
    };
    let verdict = match apart {
        _ if apart <= SKEW_CAUTION_S => return good(about, "clock", found),
        _ if apart <= SKEW_BAD_S => Verdict::Caution,
        _ => Verdict::Bad,
    };
    let cure = both(
        "把本机时间调准并保持同步（chrony 或 systemd-timesyncd）；差到 5 分钟，请求和回调都会被拒",
        "set this machine's time and keep it synchronised (chrony, systemd-timesyncd); at five minutes everything is refused",
    );
    line(about, "clock", verdict, found, Some(cure))
}

fn not_recognised(about: &str, kind: ChannelKind, zh: &str, en: &str, said: &Said) -> Line {
    let cure = match kind {
        ChannelKind::Wechatpay => both(
            "核对 sp_mchid、merchant_serial 和 apiclient_key.pem 是不是同一套（换过证书要三样一起换）；时钟差太多也会这样",
            "sp_mchid, merchant_serial and apiclient_key.pem must belong together (a new certificate changes two of them); a clock far off does the same",
        ),
        ChannelKind::Alipay => both(
            "核对 app_id 和应用私钥是不是一对：开放平台里的应用公钥要与这个私钥对应",
            "app_id and the application's private key must belong together: the open platform must know the matching public key",
        ),
    };
    let found = both(
        format!("{zh}不认我们的签名：{}", told(said)),
        format!("{en} does not believe our signature: {}", told(said)),
    );
    bad(about, "credentials", found, cure)
}

fn not_verified(about: &str, kind: ChannelKind, zh: &str, en: &str, why: &str) -> Line {
    let cure = match kind {
        ChannelKind::Wechatpay => both(
            "核对微信支付公钥和它的 ID（账户中心 → API安全），或平台证书；验证不过的应答和回调一律不算数",
            "compare WeChat Pay's public key and its id (账户中心 → API安全), or the certificates; what fails here is never booked",
        ),
        ChannelKind::Alipay => both(
            "核对支付宝公钥：要用“支付宝公钥”，不是“应用公钥”；验证不过的应答和回调一律不算数",
            "compare Alipay's public key (支付宝公钥, not 应用公钥); what fails here is never booked",
        ),
    };
    let found = both(format!("{zh}的应答不能相信（{why}）"), format!("{en}'s answer cannot be believed ({why})"));
    bad(about, "signature", found, cure)
}

fn merchant_refused(about: &str, kind: ChannelKind, zh: &str, en: &str, said: &Said) -> Line {
    let cure = match kind {
        ChannelKind::Wechatpay => both(
            "核对 sub_mchid；在服务商平台看这个特约商户是否已签约、是否授权，是否被限制收款",
            "compare the sub_mchid; look in the provider's platform whether this merchant signed, authorised us, or is restricted",
        ),
        ChannelKind::Alipay => both(
            "核对 seller_id 和授权：请商户重新授权（app_auth_token 可能已过期或被取消）",
            "compare seller_id and the leave: the merchant may have to authorise again (app_auth_token ended or was taken back)",
        ),
    };
    let found = both(
        format!("{zh}不允许我们为这个商户收款：{}", told(said)),
        format!("{en} does not let us act for this merchant: {}", told(said)),
    );
    bad(about, "merchant", found, cure)
}

/// The key that lasts longest.
pub(super) fn key(about: &str, kind: ChannelKind, verdict: Verdict, id: &str, days: Option<i64>) -> Line {
    let Both { zh, en } = name(kind);
    let found = match days {
        None => both(format!("{zh}的公钥 {id} 没有期限"), format!("{en}'s public key {id} has no end")),
        Some(days) if days < 0 => both(format!("{zh}的证书 {id} 已过期"), format!("{en}'s certificate {id} has ended")),
        Some(days) => {
            both(format!("{zh}的证书 {id} 还有 {days} 天到期"), format!("{en}'s certificate {id} ends in {days} days"))
        }
    };
    let cure = (verdict != Verdict::Good).then(|| {
        both(
            "新证书会自动下载；到期前十天还没有换上，请改用公钥，或联系对方",
            "a new one is fetched by itself; ten days before the end, change to the public key or ask the institution",
        )
    });
    line(about, "keys", verdict, found, cure)
}

/// Nobody to collect through.
pub(super) fn no_provider() -> Line {
    bad(
        "platform",
        "provider",
        both("还没有设置服务商", "no service provider is set up"),
        both(
            "照 platform.example.toml 写好，再 mott apply",
            "write one as platform.example.toml says, then mott apply",
        ),
    )
}

/// An account that names nobody.
pub(super) fn unknown_provider(about: &str, provider_key: &str) -> Line {
    bad(
        about,
        "provider",
        both(format!("服务商 {provider_key} 没有设置"), format!("service provider {provider_key} is not set up")),
        both("在 platform.toml 里设置它，或改 merchant.toml", "set it up in platform.toml, or change merchant.toml"),
    )
}

/// Nobody answered the provider itself, so the account was not asked about.
pub(super) fn not_asked(about: &str, kind: ChannelKind) -> Line {
    let Both { zh, en } = name(kind);
    let found = both(
        format!("{zh}连不上，没有查这个商户"),
        format!("{en} cannot be reached; this merchant was not asked about"),
    );
    line(about, "merchant", Verdict::Caution, found, None)
}

/// Whether the institution may call this address at all.
pub(super) fn address(about: &str, url: &str, wrong: Option<Both>) -> Line {
    match wrong {
        None => good(
            about,
            "callback.address",
            both(format!("回调地址 {url} 合规"), format!("the callback address {url} is of the right kind")),
        ),
        Some(why) => bad(
            about,
            "callback.address",
            both(format!("回调地址 {url} {}", why.zh), format!("the callback address {url} {}", why.en)),
            both(
                "config.toml 的 public_url 要是公网能访问的 https 域名，不带参数",
                "public_url in config.toml must be an https name that the public network reaches, without a query",
            ),
        ),
    }
}

/// Whether our own server answers there.
pub(super) fn reachable(about: &str, url: &str, why: Option<Both>) -> Line {
    match why {
        None => good(
            about,
            "callback.reachable",
            both(
                "从这里访问回调地址，是我们自己的服务在应答",
                "asked from here, our own server answers at the callback address",
            ),
        ),
        Some(why) => bad(
            about,
            "callback.reachable",
            both(format!("回调地址 {url} {}", why.zh), format!("the callback address {url} {}", why.en)),
            both(
                "检查域名解析、反向代理和证书；mott serve 要在运行。收不到回调时，系统仍会主动查询，但会慢",
                "check name resolution, proxy and certificate, and that mott serve runs. Without callbacks payments are still found, by asking, later",
            ),
        ),
    }
}
