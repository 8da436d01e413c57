-- Which of its accounts a unit collects to, institution by institution. No row: what the unit above says. No account:
-- this unit, and what inherits from it, has none of that institution.
CREATE TABLE unit_channel (
    merchant_id   BIGINT NOT NULL,
    org_unit_id   BIGINT NOT NULL,
    channel       TEXT COLLATE "C" NOT NULL,
    account_id    BIGINT,
    PRIMARY KEY (merchant_id, org_unit_id, channel)
);
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

ALTER TABLE channel_account ADD COLUMN checklist TEXT COLLATE "C" NOT NULL DEFAULT '{}';

-- A merchant's leave to act for it, sealed, by the number it was given for: yesterday's attempts are asked about with
-- the leave of the merchant they were made for.
CREATE TABLE channel_authorization (
    merchant_id   BIGINT NOT NULL,
    provider_key  TEXT COLLATE "C" NOT NULL,
    sub_mchid     TEXT COLLATE "C" NOT NULL,
    secret        BYTEA   NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, provider_key, sub_mchid)
);

-- What an institution or a wallet refused, as the payer met it; the order's time line tells it.
CREATE TABLE refusal (
    merchant_id   BIGINT NOT NULL,
    order_id      BIGINT NOT NULL,
    refusal_id    BIGINT NOT NULL,
    attempt       BIGINT NOT NULL,
    channel       TEXT COLLATE "C" NOT NULL,
    -- our own stable code, and the other side's words
    code          TEXT COLLATE "C" NOT NULL,
    said          TEXT COLLATE "C" NOT NULL,
    at_ms         BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, order_id, refusal_id)
);

-- One more kind of what needs a person: a payer says "不是我要付的".
ALTER TABLE inbox DROP CONSTRAINT inbox_kind_check;
ALTER TABLE inbox ADD CONSTRAINT inbox_kind_check CHECK (kind IN (
    'late', 'duplicate', 'misfit', 'unmatched', 'refund_found', 'refund_misfit', 'refund_waiting', 'refund_abnormal',
    'disputed'
));
