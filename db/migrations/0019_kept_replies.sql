-- What a POST was answered under its Idempotency-Key: given again, word for word, as long as the key is remembered.
-- Locks: idempotency for an instant, and for the building of an index over three days of keys that holds no row yet.

ALTER TABLE idempotency
    ADD COLUMN reply_status smallint, -- NULL: the reply is made anew, from what call_id has become
    ADD COLUMN reply_headers jsonb,   -- [[name, value], ...]
    ADD COLUMN reply_body text,
    ADD CHECK ((reply_status IS NULL) = (reply_headers IS NULL)),
    ADD CHECK ((reply_status IS NULL) = (reply_body IS NULL));

-- Replies may tell of a call: they go with it.
CREATE INDEX idempotency_replies ON idempotency (tenant_id, call_id) WHERE reply_status IS NOT NULL;
