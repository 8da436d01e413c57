-- A record is always read as one of its manager's: so are its keys, one instead of two. (By merchant and record alone,
-- PostgreSQL would look for the few records of one manager among all the others'.)
CREATE TABLE record_0006 (
    merchant_id   INTEGER NOT NULL,
    record_id     INTEGER NOT NULL,
    manager_id    INTEGER NOT NULL,
    org_unit_id   INTEGER NOT NULL,
    order_id      INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    amount_fen    INTEGER NOT NULL,
    success_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, manager_id, record_id)
) STRICT, WITHOUT ROWID;
INSERT INTO record_0006 SELECT merchant_id, record_id, manager_id, org_unit_id, order_id, attempt, amount_fen, success_at_ms
    FROM record ORDER BY merchant_id, manager_id, record_id;
DROP TABLE record;
ALTER TABLE record_0006 RENAME TO record;

-- Search of records: one text per record with everything worth finding, and the grams that it is found by. Written by a
-- job after the payment.
CREATE TABLE record_search (
    merchant_id   INTEGER NOT NULL,
    record_id     INTEGER NOT NULL,
    manager_id    INTEGER NOT NULL,
    amount_fen    INTEGER NOT NULL,
    text          TEXT    NOT NULL,
    PRIMARY KEY (merchant_id, manager_id, record_id)
) STRICT, WITHOUT ROWID;

-- The rowid is the record's id; no text is kept here a second time.
CREATE VIRTUAL TABLE record_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

-- What there was before: everything below this place, in the order of the key, is still to be indexed, the newest of the
-- last manager first. No row: all of it is.
CREATE TABLE record_indexing (
    merchant_id      INTEGER NOT NULL PRIMARY KEY,
    below_manager_id INTEGER NOT NULL,
    below_record_id  INTEGER NOT NULL
) STRICT;
INSERT INTO record_indexing (merchant_id, below_manager_id, below_record_id)
    SELECT merchant_id, MAX(manager_id), 9223372036854775807 FROM record GROUP BY merchant_id;
INSERT INTO job (merchant_id, kind, job_key, slot, payload, due_at_ms, created_at_ms)
    SELECT merchant_id, 'record.index', 'all', 0, '', 0, 0 FROM record_indexing;
