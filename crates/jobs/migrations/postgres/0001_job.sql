CREATE TABLE job (
    merchant_id     BIGINT NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    job_key         TEXT COLLATE "C" NOT NULL,
    slot            BIGINT NOT NULL,
    payload         TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
    due_at_ms       BIGINT NOT NULL,
    leased_until_ms BIGINT NOT NULL DEFAULT 0,
    attempts        BIGINT NOT NULL DEFAULT 0,
    last_error      TEXT COLLATE "C" ,
    created_at_ms   BIGINT NOT NULL,
    ended_at_ms     BIGINT,
    PRIMARY KEY (merchant_id, kind, job_key)
);
CREATE INDEX job_due ON job (slot, due_at_ms) WHERE state = 'waiting';
