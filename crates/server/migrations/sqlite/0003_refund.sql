-- Refunds, and what a person does about money that needs one ---------------------------------------------------------

-- Up to this amount a refund of one admin needs no other person's approval (PRODUCT 6.6); 0: every refund does.
ALTER TABLE merchant ADD COLUMN refund_limit_fen INTEGER NOT NULL DEFAULT 0;

-- Two more words for an order's status; SQLite takes a CHECK only with a new table.
CREATE TABLE orders_0003 (
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
        OR status = 'partly_refunded' OR status = 'refunded'
    ),
    attempts      INTEGER NOT NULL DEFAULT 0,
    live_attempt  INTEGER,
    paid_attempt  INTEGER,
    paid_at_ms    INTEGER,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    closed_at_ms  INTEGER,
    -- What the payer has back of the payment that paid it.
    refunded_fen  INTEGER NOT NULL DEFAULT 0 CHECK (refunded_fen >= 0 AND refunded_fen <= amount_fen),
    PRIMARY KEY (merchant_id, order_id)
) STRICT;
INSERT INTO orders_0003 (merchant_id, order_id, token, submission, code_id, manager_id, org_unit_id, account_id, form_id,
    form_version, form_values, title, subtitle, amount_fen, status, attempts, live_attempt, paid_attempt, paid_at_ms,
    created_at_ms, expires_at_ms, closed_at_ms)
    SELECT merchant_id, order_id, token, submission, code_id, manager_id, org_unit_id, account_id, form_id,
    form_version, form_values, title, subtitle, amount_fen, status, attempts, live_attempt, paid_attempt, paid_at_ms,
    created_at_ms, expires_at_ms, closed_at_ms FROM orders;
DROP TABLE orders;
ALTER TABLE orders_0003 RENAME TO orders;
CREATE UNIQUE INDEX orders_submission ON orders (merchant_id, code_id, submission) WHERE submission IS NOT NULL;

-- Reserved before the institution is asked, so that refunds never exceed the payment (PRODUCT 6.6): the database itself
-- refuses it.
ALTER TABLE payment ADD COLUMN refund_reserved_fen INTEGER NOT NULL DEFAULT 0 CHECK (refund_reserved_fen >= 0);
ALTER TABLE payment ADD COLUMN refunded_fen INTEGER NOT NULL DEFAULT 0 CHECK (
    refunded_fen >= 0 AND refund_reserved_fen + refunded_fen <= amount_fen
);

CREATE TABLE refund (
    merchant_id     INTEGER NOT NULL,
    refund_id       INTEGER NOT NULL,
    order_id        INTEGER NOT NULL,
    attempt         INTEGER NOT NULL,
    out_refund_no   TEXT    NOT NULL,
    -- channel: asked for by us; outside: recorded by two persons; found: made at the institution without us
    kind            TEXT    NOT NULL CHECK (kind IN ('channel', 'outside', 'found')),
    amount_fen      INTEGER NOT NULL CHECK (amount_fen > 0),
    status          TEXT    NOT NULL CHECK (status IN (
        'requested', 'approved', 'unknown', 'processing', 'not_enough', 'abnormal', 'redirecting', 'outside',
        'succeeded', 'declined', 'refused', 'closed'
    )),
    reason          TEXT    NOT NULL,
    -- The asker's own key: pressing twice makes one refund.
    submission      TEXT,
    needs_approval  INTEGER NOT NULL CHECK (needs_approval IN (0, 1)),
    asked_by        TEXT    NOT NULL,
    asked_by_name   TEXT    NOT NULL,
    asked_at_ms     INTEGER NOT NULL,
    decided_by      TEXT,
    decided_by_name TEXT,
    decided_at_ms   INTEGER,
    decided_words   TEXT,
    -- The first of the two who say that an abnormal one was settled outside; the second is who decided.
    outside_by      TEXT,
    outside_by_name TEXT,
    outside_at_ms   INTEGER,
    outside_words   TEXT,
    -- How often the institution was asked, counted before each asking: what was asked may have been made.
    asks            INTEGER NOT NULL DEFAULT 0,
    redirect_known_at_ms INTEGER,
    institution_refund_id TEXT,
    received_account TEXT,
    success_at_ms   INTEGER,
    note            TEXT,
    updated_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, refund_id),
    UNIQUE (merchant_id, out_refund_no)
) STRICT;
CREATE INDEX refund_order ON refund (merchant_id, order_id, refund_id);
CREATE INDEX refund_status ON refund (merchant_id, status, refund_id);
CREATE UNIQUE INDEX refund_submission ON refund (merchant_id, order_id, submission) WHERE submission IS NOT NULL;

-- What a kept callback said, so that the books are compared with it to the fen (PRODUCT 6.8). Older rows do not say it.
ALTER TABLE callback ADD COLUMN transaction_id TEXT;
ALTER TABLE callback ADD COLUMN amount_fen INTEGER;
ALTER TABLE callback ADD COLUMN out_refund_no TEXT;

-- More kinds of what needs a person, and how it was closed.
CREATE TABLE inbox_0003 (
    merchant_id    INTEGER NOT NULL,
    inbox_id       INTEGER NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN (
        'late', 'duplicate', 'misfit', 'unmatched', 'refund_found', 'refund_misfit', 'refund_waiting', 'refund_abnormal'
    )),
    item_key       TEXT    NOT NULL,
    order_id       INTEGER NOT NULL,
    attempt        INTEGER NOT NULL,
    amount_fen     INTEGER NOT NULL,
    detail         TEXT    NOT NULL,
    state          TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    created_at_ms  INTEGER NOT NULL,
    refund_id      INTEGER,
    -- claimed: the company keeps the money; refunded: the payer has it back; explained: in words; settled: by itself
    closed_how     TEXT    CHECK (closed_how IN ('claimed', 'refunded', 'explained', 'settled')),
    closed_by      TEXT,
    closed_by_name TEXT,
    closed_at_ms   INTEGER,
    closed_words   TEXT,
    PRIMARY KEY (merchant_id, inbox_id),
    UNIQUE (merchant_id, item_key),
    CHECK ((state = 'closed') = (closed_how IS NOT NULL))
) STRICT;
INSERT INTO inbox_0003 (merchant_id, inbox_id, kind, item_key, order_id, attempt, amount_fen, detail, state, created_at_ms,
    closed_how, closed_by, closed_by_name, closed_at_ms)
    SELECT merchant_id, inbox_id, kind, item_key, order_id, attempt, amount_fen, detail, state, created_at_ms,
    CASE state WHEN 'closed' THEN 'explained' END, CASE state WHEN 'closed' THEN 'migration' END,
    CASE state WHEN 'closed' THEN '' END, CASE state WHEN 'closed' THEN created_at_ms END FROM inbox;
DROP TABLE inbox;
ALTER TABLE inbox_0003 RENAME TO inbox;
CREATE INDEX inbox_open ON inbox (merchant_id, inbox_id) WHERE state = 'open';
CREATE INDEX inbox_order ON inbox (merchant_id, order_id);

-- The open screen is told of refunds, and of money of its manager that needs a person.
CREATE TABLE live_event_0003 (
    merchant_id   INTEGER NOT NULL,
    event_id      INTEGER NOT NULL,
    manager_id    INTEGER NOT NULL,
    kind          TEXT    NOT NULL CHECK (
        kind = 'payment' OR kind = 'session' OR kind = 'refund' OR kind = 'attention'
    ),
    subject_id    INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, event_id)
) STRICT;
INSERT INTO live_event_0003 (merchant_id, event_id, manager_id, kind, subject_id)
    SELECT merchant_id, event_id, manager_id, kind, subject_id FROM live_event;
DROP TABLE live_event;
ALTER TABLE live_event_0003 RENAME TO live_event;
