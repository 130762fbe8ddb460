-- Records that show what was changed: the record of operations is chained, erasure records are signed. SQLite cannot add
-- columns and conditions among the others, so both tables are made anew.

DROP INDEX audit_by_time;
DROP TRIGGER audit_refuses_update;
DROP TRIGGER audit_refuses_delete;
DROP TRIGGER audit_refuses_replace;
ALTER TABLE audit RENAME TO audit_before;
-- The record of operations. Rows are only ever added; never a contact in any column. Each row holds a hash over itself and
-- the row before it, so that a changed, removed or inserted row shows.
CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    at        TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),
    who       TEXT NOT NULL CHECK (length(who) BETWEEN 1 AND 200),  -- staff:NAME, kiosk:ID, cli:OS-USER, web, tick, purge
    address   TEXT,           -- of the network client; null: on the machine itself
    what      TEXT NOT NULL CHECK (length(what) BETWEEN 1 AND 200),  -- the operation, e.g. staff.add, session.create
    target    TEXT CHECK (length(target) <= 200),  -- what it was done to: an account, a device, a number, a day
    office_id TEXT,           -- null: not of one office
    result    TEXT NOT NULL CHECK (length(result) BETWEEN 1 AND 200),  -- ok, or the code of the refusal
    hash      TEXT CHECK (length(hash) = 64)  -- SHA-256 over the hash of the row before and this row; null: older than that
) STRICT;
INSERT INTO audit (id, at, who, address, what, target, office_id, result)
SELECT id, at, who, address, what, target, office_id, result
FROM audit_before
ORDER BY id;
DROP TABLE audit_before;
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_of_erasures ON audit (id) WHERE what = 'erasure.record';
CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the record of operations cannot be changed');
END;
CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the record of operations cannot be shortened');
END;
-- INSERT OR REPLACE removes a row without firing the trigger above.
CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the record of operations cannot be changed');
END;

DROP TRIGGER erasures_refuse_update;
DROP TRIGGER erasures_refuse_delete;
DROP TRIGGER erasures_refuse_replace;
ALTER TABLE erasures RENAME TO erasures_before;
-- What was erased, when, and on whose responsibility. Each record holds the hash of the one before it and is signed, so that
-- a changed, removed or inserted record shows. Never a contact, nor anything made from one.
CREATE TABLE erasures (
    id              INTEGER PRIMARY KEY CHECK (id > 0),  -- 1, 2, 3, …
    office_id       TEXT NOT NULL CHECK (length(office_id) > 0),
    business_day    TEXT NOT NULL CHECK (business_day LIKE '____-__-__'),
    counts          TEXT NOT NULL CHECK (json_valid(counts)),  -- contacts removed, by channel
    key_fingerprint TEXT,  -- of the day's key; null: the day had none
    started_at      TEXT NOT NULL CHECK (started_at LIKE '____-__-__T__:__:__.___Z'),
    finished_at     TEXT NOT NULL CHECK (finished_at LIKE '____-__-__T__:__:__.___Z'),
    as_of           TEXT NOT NULL CHECK (as_of LIKE '____-__-__T__:__:__.___Z'),  -- the time that was asked for
    is_future       INTEGER NOT NULL CHECK (is_future IN (0, 1)),  -- 1: as_of lay ahead of the clock
    version         TEXT NOT NULL,  -- of Junban
    result          TEXT NOT NULL CHECK (result IN ('erased')),
    responsible     TEXT NOT NULL,
    handlers        TEXT NOT NULL CHECK (json_valid(handlers)),  -- a JSON list of names
    proof           TEXT CHECK (proof IS NULL OR json_valid(proof)),  -- how it was seen that all is gone; null: an older record
    previous_hash   TEXT NOT NULL CHECK (length(previous_hash) = 64),  -- 64 zeros in the first record
    hash            TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),  -- SHA-256 over all columns above, as canonical JSON
    public_key      TEXT CHECK (length(public_key) = 64),  -- Ed25519; null: from before records were signed
    signature       TEXT CHECK (length(signature) = 128),  -- over the hash
    UNIQUE (office_id, business_day, started_at),
    CHECK ((public_key IS NULL) = (signature IS NULL))
) STRICT;
INSERT INTO erasures (
    id, office_id, business_day, counts, key_fingerprint, started_at, finished_at, as_of, is_future, version, result,
    responsible, handlers, previous_hash, hash
)
SELECT
    id, office_id, business_day, counts, key_fingerprint, started_at, finished_at, as_of, is_future, version, result,
    responsible, handlers, previous_hash, hash
FROM erasures_before
ORDER BY id;
DROP TABLE erasures_before;
CREATE TRIGGER erasures_refuse_update BEFORE UPDATE ON erasures
BEGIN
    SELECT RAISE(ABORT, 'erasure records cannot be changed');
END;
CREATE TRIGGER erasures_refuse_delete BEFORE DELETE ON erasures
BEGIN
    SELECT RAISE(ABORT, 'erasure records cannot be removed');
END;
-- INSERT OR REPLACE removes a row without firing the trigger above.
CREATE TRIGGER erasures_refuse_replace BEFORE INSERT ON erasures
WHEN EXISTS (SELECT 1 FROM erasures WHERE id = NEW.id OR hash = NEW.hash)
BEGIN
    SELECT RAISE(ABORT, 'erasure records cannot be changed');
END;

-- How far both chains went at a time, signed; written with every erasure record, so that a chain cut off or written anew shows.
CREATE TABLE heads (
    id           INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    at           TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),
    audit_id     INTEGER NOT NULL,  -- the last operation and its hash
    audit_hash   TEXT NOT NULL CHECK (length(audit_hash) = 64),
    erasure_id   INTEGER NOT NULL,  -- the last erasure record and its hash
    erasure_hash TEXT NOT NULL CHECK (length(erasure_hash) = 64),
    public_key   TEXT NOT NULL CHECK (length(public_key) = 64),  -- Ed25519
    signature    TEXT NOT NULL CHECK (length(signature) = 128)  -- over all columns before public_key, as canonical JSON
) STRICT;
CREATE TRIGGER heads_refuse_update BEFORE UPDATE ON heads
BEGIN
    SELECT RAISE(ABORT, 'signed heads cannot be changed');
END;
CREATE TRIGGER heads_refuse_delete BEFORE DELETE ON heads
BEGIN
    SELECT RAISE(ABORT, 'signed heads cannot be removed');
END;
