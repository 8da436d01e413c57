-- Who -------------------------------------------------------------------------------------------------------------

CREATE TABLE merchant (
    merchant_id   BIGINT NOT NULL PRIMARY KEY,
    merchant_key  TEXT COLLATE "C" NOT NULL UNIQUE,
    full_name     TEXT COLLATE "C" NOT NULL,
    short_name    TEXT COLLATE "C" NOT NULL,
    plaque_name   TEXT COLLATE "C" NOT NULL,
    uscc          TEXT COLLATE "C" NOT NULL DEFAULT '',
    default_form_id BIGINT,
    pages_epoch   BIGINT NOT NULL DEFAULT 0,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL
);

CREATE TABLE service_provider (
    provider_key  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    channel       TEXT COLLATE "C" NOT NULL,
    settings      TEXT COLLATE "C" NOT NULL,
    secret        BYTEA    NOT NULL,
    updated_at_ms BIGINT NOT NULL
);

CREATE TABLE platform_setting (
    name          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    settings      TEXT COLLATE "C" NOT NULL,
    secret        BYTEA    NOT NULL,
    updated_at_ms BIGINT NOT NULL
);

CREATE TABLE org_unit (
    merchant_id   BIGINT NOT NULL,
    org_unit_id   BIGINT NOT NULL,
    org_unit_key  TEXT COLLATE "C" NOT NULL,
    parent_id     BIGINT,
    name          TEXT COLLATE "C" NOT NULL,
    account_id    BIGINT,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, org_unit_id),
    UNIQUE (merchant_id, org_unit_key)
);

CREATE TABLE channel_account (
    merchant_id   BIGINT NOT NULL,
    account_id    BIGINT NOT NULL,
    account_key   TEXT COLLATE "C" NOT NULL,
    channel       TEXT COLLATE "C" NOT NULL,
    provider_key  TEXT COLLATE "C" NOT NULL,
    sub_mchid     TEXT COLLATE "C" NOT NULL,
    sub_appid     TEXT COLLATE "C" ,
    ways          TEXT COLLATE "C" NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, account_id),
    UNIQUE (merchant_id, account_key)
);

-- One row per thing that identifies a person to the whole installation: an admin's login, an active manager's mobile,
-- a bound identity. The only table, with the installation's own settings, whose key is not led by the merchant.
CREATE TABLE login_directory (
    kind          TEXT COLLATE "C" NOT NULL,
    value         TEXT COLLATE "C" NOT NULL,
    merchant_id   BIGINT NOT NULL,
    person_id     BIGINT NOT NULL,
    PRIMARY KEY (kind, value)
);

CREATE TABLE login_throttle (
    subject         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    failures        BIGINT NOT NULL,
    last_at_ms      BIGINT NOT NULL,
    locked_until_ms BIGINT NOT NULL
);
CREATE INDEX login_throttle_last ON login_throttle (last_at_ms);

CREATE TABLE admin (
    merchant_id   BIGINT NOT NULL,
    admin_id      BIGINT NOT NULL,
    login         TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    email         TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL,
    org_unit_id   BIGINT NOT NULL,
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'disabled')),
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, admin_id)
);

CREATE TABLE admin_session (
    merchant_id   BIGINT NOT NULL,
    session_id    BIGINT NOT NULL,
    admin_id      BIGINT NOT NULL,
    token_hash    TEXT COLLATE "C" NOT NULL,
    csrf_token    TEXT COLLATE "C" NOT NULL,
    device        TEXT COLLATE "C" NOT NULL,
    network       TEXT COLLATE "C" NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    ended_at_ms   BIGINT,
    PRIMARY KEY (merchant_id, session_id),
    UNIQUE (merchant_id, token_hash)
);

CREATE TABLE manager (
    merchant_id      BIGINT NOT NULL,
    manager_id       BIGINT NOT NULL,
    org_unit_id      BIGINT NOT NULL,
    name             TEXT COLLATE "C" NOT NULL,
    mobile           TEXT COLLATE "C" NOT NULL,
    email            TEXT COLLATE "C" NOT NULL,
    password_hash    TEXT COLLATE "C" NOT NULL,
    state            TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'disabled')),
    identity_kind    TEXT COLLATE "C" ,
    identity         TEXT COLLATE "C" ,
    bound_at_ms      BIGINT,
    last_login_at_ms BIGINT,
    created_at_ms    BIGINT NOT NULL,
    updated_at_ms    BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, manager_id)
);

CREATE TABLE manager_session (
    merchant_id       BIGINT NOT NULL,
    session_id        BIGINT NOT NULL,
    manager_id        BIGINT NOT NULL,
    token_hash        TEXT COLLATE "C" NOT NULL,
    -- The token that the present one replaced: its holder may renew again when the answer to a renewal was lost.
    previous_hash     TEXT COLLATE "C" ,
    identity          TEXT COLLATE "C" NOT NULL,
    device            TEXT COLLATE "C" NOT NULL,
    network           TEXT COLLATE "C" NOT NULL,
    state             TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'displaced', 'ended')),
    created_at_ms     BIGINT NOT NULL,
    expires_at_ms     BIGINT NOT NULL,
    ended_at_ms       BIGINT,
    displaced_device  TEXT COLLATE "C" ,
    displaced_network TEXT COLLATE "C" ,
    PRIMARY KEY (merchant_id, session_id),
    UNIQUE (merchant_id, token_hash)
);
-- One account, one session (PRODUCT 3.1): the database itself refuses a second one.
CREATE UNIQUE INDEX manager_session_one ON manager_session (merchant_id, manager_id) WHERE state = 'active';
CREATE INDEX manager_session_previous ON manager_session (merchant_id, previous_hash) WHERE previous_hash IS NOT NULL;

CREATE TABLE mail (
    merchant_id   BIGINT NOT NULL,
    mail_id       BIGINT NOT NULL,
    manager_id    BIGINT NOT NULL,
    to_address    TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'accepted', 'refused')),
    reason        TEXT COLLATE "C" ,
    sealed        BYTEA,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, mail_id)
);
CREATE INDEX mail_manager ON mail (merchant_id, manager_id, mail_id);

CREATE TABLE audit (
    merchant_id   BIGINT NOT NULL,
    audit_id      BIGINT NOT NULL,
    at_ms         BIGINT NOT NULL,
    actor         TEXT COLLATE "C" NOT NULL,
    action        TEXT COLLATE "C" NOT NULL,
    subject       TEXT COLLATE "C" NOT NULL,
    detail        TEXT COLLATE "C" NOT NULL,
    network       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, audit_id)
);

-- What may be paid, and through which code ---------------------------------------------------------------------------

CREATE TABLE form (
    merchant_id   BIGINT NOT NULL,
    form_id       BIGINT NOT NULL,
    form_key      TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    updated_by    TEXT COLLATE "C" NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, form_id),
    UNIQUE (merchant_id, form_key)
);

CREATE TABLE form_version (
    merchant_id   BIGINT NOT NULL,
    form_id       BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    definition    TEXT COLLATE "C" NOT NULL,
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, form_id, version)
);

CREATE TABLE collection_code (
    merchant_id        BIGINT NOT NULL,
    code_id            BIGINT NOT NULL,
    token              TEXT COLLATE "C" NOT NULL,
    short_id           TEXT COLLATE "C" NOT NULL,
    manager_id         BIGINT NOT NULL,
    org_unit_id        BIGINT NOT NULL,
    kind               TEXT COLLATE "C" NOT NULL CHECK (kind IN ('default', 'extra', 'plaque')),
    name               TEXT COLLATE "C" NOT NULL,
    form_id            BIGINT,
    state              TEXT COLLATE "C" NOT NULL CHECK (state IN ('live', 'superseded', 'ended')),
    expires_at_ms      BIGINT,
    superseded_by      BIGINT,
    last_scanned_at_ms BIGINT,
    scans              BIGINT NOT NULL DEFAULT 0,
    created_at_ms      BIGINT NOT NULL,
    ended_at_ms        BIGINT,
    PRIMARY KEY (merchant_id, code_id),
    UNIQUE (merchant_id, token),
    UNIQUE (merchant_id, short_id)
);
-- A manager has one live default code (PRODUCT 3.2).
CREATE UNIQUE INDEX collection_code_default ON collection_code (merchant_id, manager_id)
    WHERE kind = 'default' AND state = 'live';
CREATE INDEX collection_code_manager ON collection_code (merchant_id, manager_id, code_id);

-- One payment, left to right -----------------------------------------------------------------------------------------

CREATE TABLE orders (
    merchant_id   BIGINT NOT NULL,
    order_id      BIGINT NOT NULL,
    token         TEXT COLLATE "C" NOT NULL,
    submission    TEXT COLLATE "C" ,
    code_id       BIGINT NOT NULL,
    manager_id    BIGINT NOT NULL,
    org_unit_id   BIGINT NOT NULL,
    account_id    BIGINT NOT NULL,
    form_id       BIGINT NOT NULL,
    form_version  BIGINT NOT NULL,
    form_values   TEXT COLLATE "C" NOT NULL,
    title         TEXT COLLATE "C" NOT NULL,
    subtitle      TEXT COLLATE "C" NOT NULL,
    amount_fen    BIGINT NOT NULL CHECK (amount_fen > 0),
    status        TEXT COLLATE "C" NOT NULL CHECK (status IN ('created', 'pending', 'paid', 'closed')),
    attempts      BIGINT NOT NULL DEFAULT 0,
    live_attempt  BIGINT,
    paid_attempt  BIGINT,
    paid_at_ms    BIGINT,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    closed_at_ms  BIGINT,
    PRIMARY KEY (merchant_id, order_id)
);
-- Pressing twice makes one order (PRODUCT 4).
CREATE UNIQUE INDEX orders_submission ON orders (merchant_id, code_id, submission) WHERE submission IS NOT NULL;

CREATE TABLE payment (
    merchant_id     BIGINT NOT NULL,
    order_id        BIGINT NOT NULL,
    attempt         BIGINT NOT NULL,
    out_trade_no    TEXT COLLATE "C" NOT NULL,
    account_id      BIGINT NOT NULL,
    provider_key    TEXT COLLATE "C" NOT NULL,
    sub_mchid       TEXT COLLATE "C" NOT NULL,
    way             TEXT COLLATE "C" NOT NULL CHECK (way IN ('jsapi', 'h5', 'native')),
    payer_id        TEXT COLLATE "C" ,
    client_ip       TEXT COLLATE "C" NOT NULL,
    description     TEXT COLLATE "C" NOT NULL,
    amount_fen      BIGINT NOT NULL CHECK (amount_fen > 0),
    status          TEXT COLLATE "C" NOT NULL CHECK (status IN ('created', 'pending', 'unknown', 'refused', 'closed', 'paid')),
    booked          TEXT COLLATE "C" CHECK (booked IN ('order', 'late', 'duplicate')),
    credential      TEXT COLLATE "C" ,
    credential_until_ms BIGINT,
    transaction_id  TEXT COLLATE "C" ,
    payer_total_fen BIGINT,
    settlement_fen  BIGINT,
    trade_type      TEXT COLLATE "C" ,
    success_at_ms   BIGINT,
    note            TEXT COLLATE "C" ,
    created_at_ms   BIGINT NOT NULL,
    expires_at_ms   BIGINT NOT NULL,
    updated_at_ms   BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, order_id, attempt),
    CHECK ((status = 'paid') = (booked IS NOT NULL)),
    CHECK ((status = 'paid') = (transaction_id IS NOT NULL))
);
-- One payment of the institution is booked once, whatever brought the news (PRODUCT 6.8).
CREATE UNIQUE INDEX payment_transaction ON payment (merchant_id, transaction_id) WHERE transaction_id IS NOT NULL;

CREATE TABLE callback (
    merchant_id    BIGINT NOT NULL,
    callback_id    BIGINT NOT NULL,
    provider_key   TEXT COLLATE "C" NOT NULL,
    out_trade_no   TEXT COLLATE "C" NOT NULL,
    headers        TEXT COLLATE "C" NOT NULL,
    body           BYTEA    NOT NULL,
    received_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, callback_id)
);

-- Not booked, kept and raised; capped per source and minute.
CREATE TABLE callback_refused (
    provider_key   TEXT COLLATE "C" NOT NULL,
    callback_id    BIGINT NOT NULL,
    source         TEXT COLLATE "C" NOT NULL,
    reason         TEXT COLLATE "C" NOT NULL,
    headers        TEXT COLLATE "C" NOT NULL,
    body           BYTEA    NOT NULL,
    received_at_ms BIGINT NOT NULL,
    PRIMARY KEY (provider_key, callback_id)
);

-- Money and messages that need a person: late, duplicate, misfit, and successes of numbers that are none of ours
-- (under the merchant that the number names, or 0).
CREATE TABLE inbox (
    merchant_id   BIGINT NOT NULL,
    inbox_id      BIGINT NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('late', 'duplicate', 'misfit', 'unmatched')),
    item_key      TEXT COLLATE "C" NOT NULL,
    order_id      BIGINT NOT NULL,
    attempt       BIGINT NOT NULL,
    amount_fen    BIGINT NOT NULL,
    detail        TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, inbox_id),
    UNIQUE (merchant_id, item_key)
);

-- What people see of it ----------------------------------------------------------------------------------------------

CREATE TABLE record (
    merchant_id   BIGINT NOT NULL,
    record_id     BIGINT NOT NULL,
    manager_id    BIGINT NOT NULL,
    org_unit_id   BIGINT NOT NULL,
    order_id      BIGINT NOT NULL,
    attempt       BIGINT NOT NULL,
    amount_fen    BIGINT NOT NULL,
    success_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, record_id)
);
CREATE INDEX record_manager ON record (merchant_id, manager_id, record_id);

CREATE TABLE live_event (
    merchant_id   BIGINT NOT NULL,
    event_id      BIGINT NOT NULL,
    manager_id    BIGINT NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('payment', 'session')),
    subject_id    BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, event_id)
);

-- Which node has which number for its ids.
CREATE TABLE node (
    node_id         BIGINT NOT NULL PRIMARY KEY,
    holder          TEXT COLLATE "C" NOT NULL,
    leased_until_ms BIGINT NOT NULL
);
