-- Times are UTC ms, money is fen.
CREATE TABLE IF NOT EXISTS sub_merchant (
    sub_mchid  TEXT PRIMARY KEY,
    full_name  TEXT NOT NULL,
    short_name TEXT NOT NULL,
    sub_appid  TEXT NOT NULL,
    products   TEXT NOT NULL
) STRICT;
INSERT OR IGNORE INTO sub_merchant (sub_mchid, full_name, short_name, sub_appid, products) VALUES
    ('1900000110', '星河教育科技有限公司', '星河教育', 'wx1900000110000000', 'JSAPI MWEB NATIVE'),
    ('1900000111', '云杉物业服务有限公司', '云杉物业', 'wx1900000111000000', 'JSAPI MWEB NATIVE'),
    ('1900000112', '青禾餐饮管理有限公司', '青禾餐饮', 'wx1900000112000000', 'JSAPI NATIVE');

-- A WeChat user is another openid to every appid; here the same name is used for all of them.
CREATE TABLE IF NOT EXISTS wechat_user (
    appid  TEXT NOT NULL,
    openid TEXT NOT NULL,
    PRIMARY KEY (appid, openid)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO wechat_user (appid, openid) VALUES
    ('wx8888888888888888', 'openid-zhou'), ('wx7777777777777777', 'openid-zhou'),
    ('wx1900000110000000', 'openid-zhou'), ('wx1900000111000000', 'openid-zhou'), ('wx1900000112000000', 'openid-zhou');

CREATE TABLE IF NOT EXISTS pay_order (
    out_trade_no   TEXT PRIMARY KEY,
    sub_mchid      TEXT NOT NULL,
    trade_type     TEXT NOT NULL,
    body           TEXT NOT NULL,
    created_at_ms  INTEGER NOT NULL,
    expires_at_ms  INTEGER NOT NULL,
    state          TEXT NOT NULL,
    transaction_id TEXT UNIQUE,
    paid_at_ms     INTEGER,
    paid_by        TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS pay_order_newest ON pay_order (created_at_ms);

CREATE TABLE IF NOT EXISTS credential (
    token         TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    out_trade_no  TEXT NOT NULL REFERENCES pay_order,
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS callback (
    callback_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    out_trade_no  TEXT NOT NULL,
    notify_url    TEXT NOT NULL,
    body          TEXT NOT NULL,
    copies        INTEGER NOT NULL,
    state         TEXT NOT NULL,
    tries         INTEGER NOT NULL DEFAULT 0,
    next_at_ms    INTEGER,
    last_result   TEXT NOT NULL DEFAULT '',
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS callback_due ON callback (next_at_ms) WHERE next_at_ms IS NOT NULL;
CREATE INDEX IF NOT EXISTS callback_order ON callback (out_trade_no);

CREATE TABLE IF NOT EXISTS login_code (
    code         TEXT PRIMARY KEY,
    appid        TEXT NOT NULL,
    openid       TEXT NOT NULL,
    issued_at_ms INTEGER NOT NULL,
    used         INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE IF NOT EXISTS access_token (
    token         TEXT PRIMARY KEY,
    appid         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    issued_at_ms  INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS mail (
    mail_id        INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at_ms INTEGER NOT NULL,
    sender         TEXT NOT NULL,
    raw            BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS mail_recipient (
    recipient TEXT NOT NULL,
    mail_id   INTEGER NOT NULL REFERENCES mail,
    PRIMARY KEY (recipient, mail_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS fault (
    kind     TEXT NOT NULL,
    on_call  TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    hold_ms  INTEGER NOT NULL,
    PRIMARY KEY (kind, on_call)
) STRICT, WITHOUT ROWID;
