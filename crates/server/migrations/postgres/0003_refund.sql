-- Refunds, and what a person does about money that needs one ---------------------------------------------------------

-- Up to this amount a refund of one admin needs no other person's approval (PRODUCT 6.6); 0: every refund does.
ALTER TABLE merchant ADD COLUMN refund_limit_fen BIGINT NOT NULL DEFAULT 0;

-- Two more words for an order's status.
ALTER TABLE orders DROP CONSTRAINT orders_status_check;
ALTER TABLE orders ADD CONSTRAINT orders_status_check
    CHECK (status IN ('created', 'pending', 'paid', 'closed', 'partly_refunded', 'refunded'));
-- What the payer has back of the payment that paid it.
ALTER TABLE orders ADD COLUMN refunded_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD CONSTRAINT orders_refunded_check CHECK (refunded_fen >= 0 AND refunded_fen <= amount_fen);

-- Reserved before the institution is asked, so that refunds never exceed the payment (PRODUCT 6.6): the database itself
-- refuses it.
ALTER TABLE payment ADD COLUMN refund_reserved_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN refunded_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payment ADD CONSTRAINT payment_refunded_check CHECK (
    refund_reserved_fen >= 0 AND refunded_fen >= 0 AND refund_reserved_fen + refunded_fen <= amount_fen
);

CREATE TABLE refund (
    merchant_id     BIGINT NOT NULL,
    refund_id       BIGINT NOT NULL,
    order_id        BIGINT NOT NULL,
    attempt         BIGINT NOT NULL,
    out_refund_no   TEXT COLLATE "C" NOT NULL,
    -- channel: asked for by us; outside: recorded by two persons; found: made at the institution without us
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('channel', 'outside', 'found')),
    amount_fen      BIGINT NOT NULL CHECK (amount_fen > 0),
    status          TEXT COLLATE "C" NOT NULL CHECK (status IN (
        'requested', 'approved', 'unknown', 'processing', 'not_enough', 'abnormal', 'redirecting', 'outside',
        'succeeded', 'declined', 'refused', 'closed'
    )),
    reason          TEXT COLLATE "C" NOT NULL,
    -- The asker's own key: pressing twice makes one refund.
    submission      TEXT COLLATE "C",
    needs_approval  BIGINT NOT NULL CHECK (needs_approval IN (0, 1)),
    asked_by        TEXT COLLATE "C" NOT NULL,
    asked_by_name   TEXT COLLATE "C" NOT NULL,
    asked_at_ms     BIGINT NOT NULL,
    decided_by      TEXT COLLATE "C",
    decided_by_name TEXT COLLATE "C",
    decided_at_ms   BIGINT,
    decided_words   TEXT COLLATE "C",
    -- The first of the two who say that an abnormal one was settled outside; the second is who decided.
    outside_by      TEXT COLLATE "C",
    outside_by_name TEXT COLLATE "C",
    outside_at_ms   BIGINT,
    outside_words   TEXT COLLATE "C",
    -- How often the institution was asked, counted before each asking: what was asked may have been made.
    asks            BIGINT NOT NULL DEFAULT 0,
    redirect_known_at_ms BIGINT,
    institution_refund_id TEXT COLLATE "C",
    received_account TEXT COLLATE "C",
    success_at_ms   BIGINT,
    note            TEXT COLLATE "C",
    updated_at_ms   BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, refund_id),
    UNIQUE (merchant_id, out_refund_no)
);
CREATE INDEX refund_order ON refund (merchant_id, order_id, refund_id);
CREATE INDEX refund_status ON refund (merchant_id, status, refund_id);
CREATE UNIQUE INDEX refund_submission ON refund (merchant_id, order_id, submission) WHERE submission IS NOT NULL;

-- What a kept callback said, so that the books are compared with it to the fen (PRODUCT 6.8). Older rows do not say it.
ALTER TABLE callback ADD COLUMN transaction_id TEXT COLLATE "C";
ALTER TABLE callback ADD COLUMN amount_fen BIGINT;
ALTER TABLE callback ADD COLUMN out_refund_no TEXT COLLATE "C";

-- More kinds of what needs a person, and how it was closed.
ALTER TABLE inbox DROP CONSTRAINT inbox_kind_check;
ALTER TABLE inbox ADD CONSTRAINT inbox_kind_check CHECK (kind IN (
    'late', 'duplicate', 'misfit', 'unmatched', 'refund_found', 'refund_misfit', 'refund_waiting', 'refund_abnormal'
));
ALTER TABLE inbox ADD COLUMN refund_id BIGINT;
-- claimed: the company keeps the money; refunded: the payer has it back; explained: in words; settled: by itself
ALTER TABLE inbox ADD COLUMN closed_how TEXT COLLATE "C";
ALTER TABLE inbox ADD COLUMN closed_by TEXT COLLATE "C";
ALTER TABLE inbox ADD COLUMN closed_by_name TEXT COLLATE "C";
ALTER TABLE inbox ADD COLUMN closed_at_ms BIGINT;
ALTER TABLE inbox ADD COLUMN closed_words TEXT COLLATE "C";
UPDATE inbox SET closed_how = 'explained', closed_by = 'migration', closed_by_name = '', closed_at_ms = created_at_ms
    WHERE state = 'closed';
ALTER TABLE inbox ADD CONSTRAINT inbox_closed_how_check
    CHECK (closed_how IN ('claimed', 'refunded', 'explained', 'settled'));
ALTER TABLE inbox ADD CONSTRAINT inbox_closed_check CHECK ((state = 'closed') = (closed_how IS NOT NULL));
CREATE INDEX inbox_open ON inbox (merchant_id, inbox_id) WHERE state = 'open';
CREATE INDEX inbox_order ON inbox (merchant_id, order_id);

-- The open screen is told of refunds, and of money of its manager that needs a person.
ALTER TABLE live_event DROP CONSTRAINT live_event_kind_check;
ALTER TABLE live_event ADD CONSTRAINT live_event_kind_check CHECK (kind IN ('payment', 'session', 'refund', 'attention'));
