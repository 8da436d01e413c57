-- A login from another identity is proven by a code that is sent to the account's mobile (PRODUCT 3.1).

-- Short messages, as mails are: written with the change that they follow, sent after it. `sealed` is what the message
-- says, until it is sent.
CREATE TABLE sms (
    merchant_id   INTEGER NOT NULL,
    sms_id        INTEGER NOT NULL,
    manager_id    INTEGER NOT NULL,
    purpose       TEXT NOT NULL,
    mobile        TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'refused', 'given_up')),
    reason        TEXT,
    provider_id   TEXT,
    sealed        BLOB,
    expires_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, sms_id)
) STRICT;
CREATE INDEX sms_created ON sms (created_at_ms);

-- The codes of the last day; a code and its message have one id.
CREATE TABLE login_code (
    merchant_id   INTEGER NOT NULL,
    code_id       INTEGER NOT NULL,
    manager_id    INTEGER NOT NULL,
    identity      TEXT NOT NULL,
    code_mac      TEXT NOT NULL,
    tries         INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER,
    PRIMARY KEY (merchant_id, code_id)
) STRICT;
CREATE INDEX login_code_manager ON login_code (merchant_id, manager_id, code_id);
CREATE INDEX login_code_created ON login_code (created_at_ms);
