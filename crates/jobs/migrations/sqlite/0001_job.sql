CREATE TABLE job (
    merchant_id     INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    job_key         TEXT    NOT NULL,
    slot            INTEGER NOT NULL,
    payload         TEXT    NOT NULL,
    -- With OR: for IN with three or more words SQLite builds a table at every statement.
    state           TEXT    NOT NULL DEFAULT 'waiting' CHECK (state = 'waiting' OR state = 'done' OR state = 'failed'),
    due_at_ms       INTEGER NOT NULL,
    leased_until_ms INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    last_error      TEXT,
    created_at_ms   INTEGER NOT NULL,
    ended_at_ms     INTEGER,
    PRIMARY KEY (merchant_id, kind, job_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_due ON job (slot, due_at_ms) WHERE state = 'waiting';
