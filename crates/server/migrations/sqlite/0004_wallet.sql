-- Which of its accounts a unit collects to, institution by institution. No row: what the unit above says. No account:
-- this unit, and what inherits from it, has none of that institution.
CREATE TABLE unit_channel (
    merchant_id   INTEGER NOT NULL,
    org_unit_id   INTEGER NOT NULL,
    channel       TEXT    NOT NULL,
    account_id    INTEGER,
    PRIMARY KEY (merchant_id, org_unit_id, channel)
) STRICT;
INSERT INTO unit_channel (merchant_id, org_unit_id, channel, account_id)
    SELECT o.merchant_id, o.org_unit_id, a.channel, a.account_id FROM org_unit o
    JOIN channel_account a ON a.merchant_id = o.merchant_id AND a.account_id = o.account_id;
-- A root that named none collected to the merchant's first account.
INSERT INTO unit_channel (merchant_id, org_unit_id, channel, account_id)
    SELECT o.merchant_id, o.org_unit_id, a.channel, a.account_id FROM org_unit o
    JOIN channel_account a ON a.merchant_id = o.merchant_id AND a.account_id = (
        SELECT MIN(f.account_id) FROM channel_account f WHERE f.merchant_id = o.merchant_id)
    WHERE o.parent_id IS NULL AND o.account_id IS NULL;
ALTER TABLE org_unit DROP COLUMN account_id;
-- An order knows its unit; which account takes the money is decided by the wallet, and each payment names it.
ALTER TABLE orders DROP COLUMN account_id;

ALTER TABLE channel_account ADD COLUMN checklist TEXT NOT NULL DEFAULT '{}';

-- A merchant's leave to act for it, sealed, by the number it was given for: yesterday's attempts are asked about with
-- the leave of the merchant they were made for.
CREATE TABLE channel_authorization (
    merchant_id   INTEGER NOT NULL,
    provider_key  TEXT    NOT NULL,
    sub_mchid     TEXT    NOT NULL,
    secret        BLOB    NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, provider_key, sub_mchid)
) STRICT;

-- What an institution or a wallet refused, as the payer met it; the order's time line tells it.
CREATE TABLE refusal (
    merchant_id   INTEGER NOT NULL,
    order_id      INTEGER NOT NULL,
    refusal_id    INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    channel       TEXT    NOT NULL,
    -- our own stable code, and the other side's words
    code          TEXT    NOT NULL,
    said          TEXT    NOT NULL,
    at_ms         INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, order_id, refusal_id)
) STRICT;

-- One more kind of what needs a person: a payer says "不是我要付的".
CREATE TABLE inbox_0004 (
    merchant_id    INTEGER NOT NULL,
    inbox_id       INTEGER NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN (
        'late', 'duplicate', 'misfit', 'unmatched', 'refund_found', 'refund_misfit', 'refund_waiting', 'refund_abnormal',
        'disputed'
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
INSERT INTO inbox_0004 SELECT merchant_id, inbox_id, kind, item_key, order_id, attempt, amount_fen, detail, state,
    created_at_ms, refund_id, closed_how, closed_by, closed_by_name, closed_at_ms, closed_words FROM inbox;
DROP TABLE inbox;
ALTER TABLE inbox_0004 RENAME TO inbox;
CREATE INDEX inbox_open ON inbox (merchant_id, inbox_id) WHERE state = 'open';
CREATE INDEX inbox_order ON inbox (merchant_id, order_id);
