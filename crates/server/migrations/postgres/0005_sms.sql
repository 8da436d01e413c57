-- A login from another identity is proven by a code that is sent to the account's mobile (PRODUCT 3.1).

-- Short messages, as mails are: written with the change that they follow, sent after it. `sealed` is what the message
-- says, until it is sent.
CREATE TABLE sms (
    merchant_id   BIGINT NOT NULL,
    sms_id        BIGINT NOT NULL,
    manager_id    BIGINT NOT NULL,
    purpose       TEXT COLLATE "C" NOT NULL,
    mobile        TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'sent', 'refused', 'given_up')),
    reason        TEXT COLLATE "C",
    provider_id   TEXT COLLATE "C",
    sealed        BYTEA,
    expires_at_ms BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, sms_id)
);
CREATE INDEX sms_created ON sms (created_at_ms);

-- The codes of the last day; a code and its message have one id.
CREATE TABLE login_code (
    merchant_id   BIGINT NOT NULL,
    code_id       BIGINT NOT NULL,
    manager_id    BIGINT NOT NULL,
    identity      TEXT COLLATE "C" NOT NULL,
    code_mac      TEXT COLLATE "C" NOT NULL,
    tries         BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    used_at_ms    BIGINT,
    PRIMARY KEY (merchant_id, code_id)
);
CREATE INDEX login_code_manager ON login_code (merchant_id, manager_id, code_id);
CREATE INDEX login_code_created ON login_code (created_at_ms);
