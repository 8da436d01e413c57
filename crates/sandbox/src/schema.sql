-- Times are UTC ms, money is fen.
CREATE TABLE IF NOT EXISTS sub_merchant (
    sub_mchid  TEXT PRIMARY KEY,
    full_name  TEXT NOT NULL,
    short_name TEXT NOT NULL,
    sub_appid  TEXT NOT NULL,
    products   TEXT NOT NULL
) STRICT;
INSERT OR IGNORE INTO sub_merchant (sub_mchid, full_name, short_name, sub_appid, products) VALUES
    ('1900000110', '星河教育科技有限公司', '星河教育', 'wx1900000110000000', 'JSAPI MWEB NATIVE MICROPAY'),
    ('1900000111', '云杉物业服务有限公司', '云杉物业', 'wx1900000111000000', 'JSAPI MWEB NATIVE MICROPAY'),
    ('1900000112', '青禾餐饮管理有限公司', '青禾餐饮', 'wx1900000112000000', 'JSAPI NATIVE MICROPAY');

-- A state file of an earlier version.
UPDATE sub_merchant SET products = products || ' MICROPAY' WHERE products NOT LIKE '%MICROPAY%';

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

DROP TABLE IF EXISTS fault;
-- `remaining` counts down; with `until_ms` it stays and time ends it.
CREATE TABLE IF NOT EXISTS armed_fault (
    kind      TEXT NOT NULL,
    on_call   TEXT NOT NULL,
    provider  TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    hold_ms   INTEGER NOT NULL,
    until_ms  INTEGER,
    PRIMARY KEY (kind, on_call, provider)
) STRICT;
-- What a magic amount has called for already.
CREATE TABLE IF NOT EXISTS struck (
    provider TEXT NOT NULL,
    number   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    PRIMARY KEY (provider, number, kind)
) STRICT, WITHOUT ROWID;

-- Where a refund stands follows from the time: on its way until due_at_ms, then its outcome.
CREATE TABLE IF NOT EXISTS refund (
    out_refund_no    TEXT PRIMARY KEY,
    refund_id        TEXT NOT NULL UNIQUE,
    out_trade_no     TEXT NOT NULL REFERENCES pay_order,
    body             TEXT NOT NULL,
    fen              INTEGER NOT NULL,
    created_at_ms    INTEGER NOT NULL,
    due_at_ms        INTEGER NOT NULL,
    outcome          TEXT NOT NULL,
    received_account TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS refund_order ON refund (out_trade_no);

-- Money that went into or out of a merchant's account other than by payments and refunds: settled to its bank, paid in.
CREATE TABLE IF NOT EXISTS movement (
    movement_id INTEGER PRIMARY KEY AUTOINCREMENT,
    account     TEXT NOT NULL,
    fen         INTEGER NOT NULL,
    what        TEXT NOT NULL,
    at_ms       INTEGER NOT NULL
) STRICT;

-- What a wallet shows at the till: usable once, for a minute.
CREATE TABLE IF NOT EXISTS payment_code (
    code         TEXT PRIMARY KEY,
    provider     TEXT NOT NULL,
    person       TEXT NOT NULL,
    issued_at_ms INTEGER NOT NULL,
    used         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Alipay: who may sell through an application, people, trades, what was offered but does not exist yet, refunds.
CREATE TABLE IF NOT EXISTS alipay_seller (
    seller_id      TEXT PRIMARY KEY,
    full_name      TEXT NOT NULL,
    short_name     TEXT NOT NULL,
    app_id         TEXT NOT NULL,
    app_auth_token TEXT NOT NULL UNIQUE,
    products       TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS alipay_person (
    name    TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    open_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS alipay_trade (
    seller_id     TEXT NOT NULL,
    out_trade_no  TEXT NOT NULL,
    trade_no      TEXT NOT NULL UNIQUE,
    app_id        TEXT NOT NULL,
    product       TEXT NOT NULL,
    content       TEXT NOT NULL,
    notify_url    TEXT NOT NULL,
    total_fen     INTEGER NOT NULL,
    buyer         TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    closed_at_ms  INTEGER,
    paid_at_ms    INTEGER,
    seen_from_ms  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (seller_id, out_trade_no)
) STRICT;
CREATE INDEX IF NOT EXISTS alipay_trade_newest ON alipay_trade (created_at_ms);
CREATE TABLE IF NOT EXISTS alipay_offer (
    token         TEXT PRIMARY KEY,
    seller_id     TEXT NOT NULL,
    out_trade_no  TEXT NOT NULL,
    app_id        TEXT NOT NULL,
    product       TEXT NOT NULL,
    content       TEXT NOT NULL,
    notify_url    TEXT NOT NULL,
    return_url    TEXT NOT NULL,
    total_fen     INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS alipay_refund (
    trade_no       TEXT NOT NULL REFERENCES alipay_trade (trade_no),
    out_request_no TEXT NOT NULL,
    fen            INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    at_ms          INTEGER NOT NULL,
    PRIMARY KEY (trade_no, out_request_no)
) STRICT;

-- A bill that was asked for, until its link ends.
CREATE TABLE IF NOT EXISTS bill_link (
    token         TEXT PRIMARY KEY,
    content       TEXT NOT NULL,
    packed        INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
