-- Who -------------------------------------------------------------------------------------------------------------

CREATE TABLE merchant (
    merchant_id   INTEGER NOT NULL PRIMARY KEY,
    merchant_key  TEXT    NOT NULL UNIQUE,
    full_name     TEXT    NOT NULL,
    short_name    TEXT    NOT NULL,
    plaque_name   TEXT    NOT NULL,
    uscc          TEXT    NOT NULL DEFAULT '',
    default_form_id INTEGER,
    pages_epoch   INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE service_provider (
    provider_key  TEXT    NOT NULL PRIMARY KEY,
    channel       TEXT    NOT NULL,
    settings      TEXT    NOT NULL,
    secret        BLOB    NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE platform_setting (
    name          TEXT    NOT NULL PRIMARY KEY,
    settings      TEXT    NOT NULL,
    secret        BLOB    NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE org_unit (
    merchant_id   INTEGER NOT NULL,
    org_unit_id   INTEGER NOT NULL,
    org_unit_key  TEXT    NOT NULL,
    parent_id     INTEGER,
    name          TEXT    NOT NULL,
    account_id    INTEGER,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, org_unit_id),
    UNIQUE (merchant_id, org_unit_key)
) STRICT;

CREATE TABLE channel_account (
    merchant_id   INTEGER NOT NULL,
    account_id    INTEGER NOT NULL,
    account_key   TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    provider_key  TEXT    NOT NULL,
    sub_mchid     TEXT    NOT NULL,
    sub_appid     TEXT,
    ways          TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, account_id),
    UNIQUE (merchant_id, account_key)
) STRICT;

-- One row per thing that identifies a person to the whole installation: an admin's login, an active manager's mobile,
-- a bound identity. The only table, with the installation's own settings, whose key is not led by the merchant.
CREATE TABLE login_directory (
    kind          TEXT    NOT NULL,
    value         TEXT    NOT NULL,
    merchant_id   INTEGER NOT NULL,
    person_id     INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT;

CREATE TABLE login_throttle (
    subject         TEXT    NOT NULL PRIMARY KEY,
    failures        INTEGER NOT NULL,
    last_at_ms      INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX login_throttle_last ON login_throttle (last_at_ms);

CREATE TABLE admin (
    merchant_id   INTEGER NOT NULL,
    admin_id      INTEGER NOT NULL,
    login         TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    org_unit_id   INTEGER NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('active', 'disabled')),
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, admin_id)
) STRICT;

CREATE TABLE admin_session (
    merchant_id   INTEGER NOT NULL,
    session_id    INTEGER NOT NULL,
    admin_id      INTEGER NOT NULL,
    token_hash    TEXT    NOT NULL,
    csrf_token    TEXT    NOT NULL,
    device        TEXT    NOT NULL,
    network       TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    ended_at_ms   INTEGER,
    PRIMARY KEY (merchant_id, session_id),
    UNIQUE (merchant_id, token_hash)
) STRICT;

CREATE TABLE manager (
    merchant_id      INTEGER NOT NULL,
    manager_id       INTEGER NOT NULL,
    org_unit_id      INTEGER NOT NULL,
    name             TEXT    NOT NULL,
    mobile           TEXT    NOT NULL,
    email            TEXT    NOT NULL,
    password_hash    TEXT    NOT NULL,
    state            TEXT    NOT NULL CHECK (state IN ('active', 'disabled')),
    identity_kind    TEXT,
    identity         TEXT,
    bound_at_ms      INTEGER,
    last_login_at_ms INTEGER,
    created_at_ms    INTEGER NOT NULL,
    updated_at_ms    INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, manager_id)
) STRICT;

CREATE TABLE manager_session (
    merchant_id       INTEGER NOT NULL,
    session_id        INTEGER NOT NULL,
    manager_id        INTEGER NOT NULL,
    token_hash        TEXT    NOT NULL,
    -- The token that the present one replaced: its holder may renew again when the answer to a renewal was lost.
    previous_hash     TEXT,
    identity          TEXT    NOT NULL,
    device            TEXT    NOT NULL,
    network           TEXT    NOT NULL,
    state             TEXT    NOT NULL CHECK (state IN ('active', 'displaced', 'ended')),
    created_at_ms     INTEGER NOT NULL,
    expires_at_ms     INTEGER NOT NULL,
    ended_at_ms       INTEGER,
    displaced_device  TEXT,
    displaced_network TEXT,
    PRIMARY KEY (merchant_id, session_id),
    UNIQUE (merchant_id, token_hash)
) STRICT;
-- One account, one session (PRODUCT 3.1): the database itself refuses a second one.
CREATE UNIQUE INDEX manager_session_one ON manager_session (merchant_id, manager_id) WHERE state = 'active';
CREATE INDEX manager_session_previous ON manager_session (merchant_id, previous_hash) WHERE previous_hash IS NOT NULL;

CREATE TABLE mail (
    merchant_id   INTEGER NOT NULL,
    mail_id       INTEGER NOT NULL,
    manager_id    INTEGER NOT NULL,
    to_address    TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('queued', 'accepted', 'refused')),
    reason        TEXT,
    sealed        BLOB,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, mail_id)
) STRICT;
CREATE INDEX mail_manager ON mail (merchant_id, manager_id, mail_id);

CREATE TABLE audit (
    merchant_id   INTEGER NOT NULL,
    audit_id      INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    actor         TEXT    NOT NULL,
    action        TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    detail        TEXT    NOT NULL,
    network       TEXT    NOT NULL,
    PRIMARY KEY (merchant_id, audit_id)
) STRICT;

-- What may be paid, and through which code ---------------------------------------------------------------------------

CREATE TABLE form (
    merchant_id   INTEGER NOT NULL,
    form_id       INTEGER NOT NULL,
    form_key      TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    updated_by    TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, form_id),
    UNIQUE (merchant_id, form_key)
) STRICT;

CREATE TABLE form_version (
    merchant_id   INTEGER NOT NULL,
    form_id       INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    definition    TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, form_id, version)
) STRICT;

CREATE TABLE collection_code (
    merchant_id        INTEGER NOT NULL,
    code_id            INTEGER NOT NULL,
    token              TEXT    NOT NULL,
    short_id           TEXT    NOT NULL,
    manager_id         INTEGER NOT NULL,
    org_unit_id        INTEGER NOT NULL,
    kind               TEXT    NOT NULL CHECK (kind IN ('default', 'extra', 'plaque')),
    name               TEXT    NOT NULL,
    form_id            INTEGER,
    state              TEXT    NOT NULL CHECK (state IN ('live', 'superseded', 'ended')),
    expires_at_ms      INTEGER,
    superseded_by      INTEGER,
    last_scanned_at_ms INTEGER,
    scans              INTEGER NOT NULL DEFAULT 0,
    created_at_ms      INTEGER NOT NULL,
    ended_at_ms        INTEGER,
    PRIMARY KEY (merchant_id, code_id),
    UNIQUE (merchant_id, token),
    UNIQUE (merchant_id, short_id)
) STRICT;
-- A manager has one live default code (PRODUCT 3.2).
CREATE UNIQUE INDEX collection_code_default ON collection_code (merchant_id, manager_id)
    WHERE kind = 'default' AND state = 'live';
CREATE INDEX collection_code_manager ON collection_code (merchant_id, manager_id, code_id);

-- One payment, left to right -----------------------------------------------------------------------------------------
-- Words are checked with OR where payments pass: for IN with three or more, SQLite builds a table at every statement,
-- which is a sixth of what writing a payment costs.

CREATE TABLE orders (
    merchant_id   INTEGER NOT NULL,
    order_id      INTEGER NOT NULL,
    token         TEXT    NOT NULL,
    submission    TEXT,
    code_id       INTEGER NOT NULL,
    manager_id    INTEGER NOT NULL,
    org_unit_id   INTEGER NOT NULL,
    account_id    INTEGER NOT NULL,
    form_id       INTEGER NOT NULL,
    form_version  INTEGER NOT NULL,
    form_values   TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    subtitle      TEXT    NOT NULL,
    amount_fen    INTEGER NOT NULL CHECK (amount_fen > 0),
    status        TEXT    NOT NULL CHECK (
        status = 'created' OR status = 'pending' OR status = 'paid' OR status = 'closed'
    ),
    attempts      INTEGER NOT NULL DEFAULT 0,
    live_attempt  INTEGER,
    paid_attempt  INTEGER,
    paid_at_ms    INTEGER,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    closed_at_ms  INTEGER,
    PRIMARY KEY (merchant_id, order_id)
) STRICT;
-- Pressing twice makes one order (PRODUCT 4).
CREATE UNIQUE INDEX orders_submission ON orders (merchant_id, code_id, submission) WHERE submission IS NOT NULL;

CREATE TABLE payment (
    merchant_id     INTEGER NOT NULL,
    order_id        INTEGER NOT NULL,
    attempt         INTEGER NOT NULL,
    out_trade_no    TEXT    NOT NULL,
    account_id      INTEGER NOT NULL,
    provider_key    TEXT    NOT NULL,
    sub_mchid       TEXT    NOT NULL,
    way             TEXT    NOT NULL CHECK (way = 'jsapi' OR way = 'h5' OR way = 'native'),
    payer_id        TEXT,
    client_ip       TEXT    NOT NULL,
    description     TEXT    NOT NULL,
    amount_fen      INTEGER NOT NULL CHECK (amount_fen > 0),
    status          TEXT    NOT NULL CHECK (
        status = 'created' OR status = 'pending' OR status = 'unknown' OR status = 'refused' OR status = 'closed'
        OR status = 'paid'
    ),
    booked          TEXT    CHECK (booked = 'order' OR booked = 'late' OR booked = 'duplicate'),
    credential      TEXT,
    credential_until_ms INTEGER,
    transaction_id  TEXT,
    payer_total_fen INTEGER,
    settlement_fen  INTEGER,
    trade_type      TEXT,
    success_at_ms   INTEGER,
    note            TEXT,
    created_at_ms   INTEGER NOT NULL,
    expires_at_ms   INTEGER NOT NULL,
    updated_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, order_id, attempt),
    CHECK ((status = 'paid') = (booked IS NOT NULL)),
    CHECK ((status = 'paid') = (transaction_id IS NOT NULL))
) STRICT;
-- One payment of the institution is booked once, whatever brought the news (PRODUCT 6.8).
CREATE UNIQUE INDEX payment_transaction ON payment (merchant_id, transaction_id) WHERE transaction_id IS NOT NULL;

CREATE TABLE callback (
    merchant_id    INTEGER NOT NULL,
    callback_id    INTEGER NOT NULL,
    provider_key   TEXT    NOT NULL,
    out_trade_no   TEXT    NOT NULL,
    headers        TEXT    NOT NULL,
    body           BLOB    NOT NULL,
    received_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, callback_id)
) STRICT;

-- Not booked, kept and raised; capped per source and minute.
CREATE TABLE callback_refused (
    provider_key   TEXT    NOT NULL,
    callback_id    INTEGER NOT NULL,
    source         TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    headers        TEXT    NOT NULL,
    body           BLOB    NOT NULL,
    received_at_ms INTEGER NOT NULL,
    PRIMARY KEY (provider_key, callback_id)
) STRICT;

-- Money and messages that need a person: late, duplicate, misfit, and successes of numbers that are none of ours
-- (under the merchant that the number names, or 0).
CREATE TABLE inbox (
    merchant_id   INTEGER NOT NULL,
    inbox_id      INTEGER NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('late', 'duplicate', 'misfit', 'unmatched')),
    item_key      TEXT    NOT NULL,
    order_id      INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    amount_fen    INTEGER NOT NULL,
    detail        TEXT    NOT NULL,
    state         TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, inbox_id),
    UNIQUE (merchant_id, item_key)
) STRICT;

-- What people see of it ----------------------------------------------------------------------------------------------

CREATE TABLE record (
    merchant_id   INTEGER NOT NULL,
    record_id     INTEGER NOT NULL,
    manager_id    INTEGER NOT NULL,
    org_unit_id   INTEGER NOT NULL,
    order_id      INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    amount_fen    INTEGER NOT NULL,
    success_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, record_id)
) STRICT;
CREATE INDEX record_manager ON record (merchant_id, manager_id, record_id);

CREATE TABLE live_event (
    merchant_id   INTEGER NOT NULL,
    event_id      INTEGER NOT NULL,
    manager_id    INTEGER NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('payment', 'session')),
    subject_id    INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, event_id)
) STRICT;

-- Which node has which number for its ids.
CREATE TABLE node (
    node_id         INTEGER NOT NULL PRIMARY KEY,
    holder          TEXT    NOT NULL,
    leased_until_ms INTEGER NOT NULL
) STRICT;
