-- A canary for each day, which must not open after the erasure.

DROP INDEX erased_days_unrecorded;
ALTER TABLE erased_days RENAME TO erased_days_before;

-- Erasures begun: no contact of such a day is taken any more. The counts wait here until the record is written,
-- so that an erasure cut short by a crash is finished and recorded with what it had removed.
CREATE TABLE erased_days (
    office_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    started_at TEXT NOT NULL,
    -- A JSON object: how many were removed, by channel.
    counts TEXT NOT NULL,
    key_fingerprint TEXT,
    -- Until it is recorded: the day's canary with every bit turned over, so that a search does not take it for a
    -- remainder; null: there was none, or it did not open with the day's key.
    canary BLOB,
    is_recorded INTEGER NOT NULL DEFAULT 0 CHECK (is_recorded IN (0, 1)),
    PRIMARY KEY (office_id, business_day, started_at)
) STRICT;

INSERT INTO erased_days (office_id, business_day, started_at, counts, key_fingerprint, is_recorded)
SELECT office_id, business_day, started_at, counts, key_fingerprint, is_recorded
FROM erased_days_before;
DROP TABLE erased_days_before;

CREATE INDEX erased_days_unrecorded ON erased_days (office_id, business_day) WHERE is_recorded = 0;

-- A made-up address for each day that has contacts, sealed as they are; after the erasure it must not open. No contact:
-- it belongs to no ticket, is never sent anything and counts for nothing.
CREATE TABLE canaries (
    office_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    nonce BLOB NOT NULL CHECK (length(nonce) = 12),
    sealed BLOB NOT NULL,
    PRIMARY KEY (office_id, business_day)
) STRICT;
