-- A record is always read as one of its manager's: so are its keys, one instead of two. (By merchant and record alone,
-- PostgreSQL would look for the few records of one manager among all the others'.)
ALTER TABLE record DROP CONSTRAINT record_pkey;
DROP INDEX record_manager;
ALTER TABLE record ADD PRIMARY KEY (merchant_id, manager_id, record_id);

-- Search of records: one text per record with everything worth finding, and the grams that it is found by. Written by a
-- job after the payment.
CREATE TABLE record_search (
    merchant_id   BIGINT NOT NULL,
    record_id     BIGINT NOT NULL,
    manager_id    BIGINT NOT NULL,
    amount_fen    BIGINT NOT NULL,
    text          TEXT   COLLATE "C" NOT NULL,
    words         TEXT   COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, manager_id, record_id)
);
-- What was not merged into it yet is read by every search: kept short.
CREATE INDEX record_search_words ON record_search USING gin (string_to_array(words, ' '))
    WITH (fastupdate = on, gin_pending_list_limit = 256);

-- What there was before: everything below this place, in the order of the key, is still to be indexed, the newest of the
-- last manager first. No row: all of it is.
CREATE TABLE record_indexing (
    merchant_id      BIGINT NOT NULL PRIMARY KEY,
    below_manager_id BIGINT NOT NULL,
    below_record_id  BIGINT NOT NULL
);
INSERT INTO record_indexing (merchant_id, below_manager_id, below_record_id)
    SELECT merchant_id, MAX(manager_id), 9223372036854775807 FROM record GROUP BY merchant_id;
INSERT INTO job (merchant_id, kind, job_key, slot, payload, due_at_ms, created_at_ms)
    SELECT merchant_id, 'record.index', 'all', 0, '', 0, 0 FROM record_indexing;
