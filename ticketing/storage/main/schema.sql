-- The journal: what happened, in order, for each office. Nothing else decides anything. No contact in any column.
CREATE TABLE events (
    office_id       TEXT NOT NULL CHECK (length(office_id) BETWEEN 1 AND 32),
    seq             INTEGER NOT NULL CHECK (seq > 0),  -- 1, 2, 3 … for each office, without a gap
    business_day    TEXT NOT NULL CHECK (business_day LIKE '____-__-__'),  -- in the office's time zone
    at              TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),  -- never earlier than the event before
    kind            TEXT NOT NULL,  -- a class of ticketing/hall/events.py
    data            TEXT NOT NULL CHECK (json_valid(data)),  -- its fields
    command_id      TEXT,  -- on the first event of each command, with the next four
    scope           TEXT,  -- whose idempotency key it is
    idempotency_key TEXT,
    body_mac        BLOB,  -- keyed hash of the request's body
    answer          TEXT CHECK (answer IS NULL OR json_valid(answer)),  -- the first answer; no secret, no contact
    CHECK ((scope IS NULL) = (idempotency_key IS NULL)),
    CHECK (scope IS NULL OR command_id IS NOT NULL),
    PRIMARY KEY (office_id, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX events_by_command ON events (office_id, business_day, command_id)
    WHERE command_id IS NOT NULL;
CREATE UNIQUE INDEX events_by_idempotency_key ON events (office_id, business_day, scope, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
-- Where each day begins and ends, so that a hall is rebuilt from its day alone.
CREATE UNIQUE INDEX events_by_day_opened ON events (office_id, business_day)
    WHERE kind = 'DayOpened';
CREATE INDEX events_by_day_turn ON events (office_id, business_day, seq)
    WHERE kind IN ('DayOpened', 'DayExtended', 'DayClosed');

-- One row for each ticket, for lists and statistics; written in the transaction of the events that it follows from.
CREATE TABLE tickets (
    office_id          TEXT NOT NULL CHECK (length(office_id) BETWEEN 1 AND 32),
    business_day       TEXT NOT NULL CHECK (business_day LIKE '____-__-__'),
    number             TEXT NOT NULL CHECK (length(number) > 0),  -- as shown and printed
    service            TEXT NOT NULL,  -- where it waits, waited, or was served last
    channel            TEXT NOT NULL CHECK (channel IN ('kiosk', 'web', 'staff')),
    language           TEXT NOT NULL,
    state              TEXT NOT NULL CHECK (state IN (
        'expected', 'waiting', 'called', 'serving', 'held', 'absent', 'completed', 'cancelled', 'expired', 'closed'
    )),
    issue_seq          INTEGER NOT NULL,  -- the seq of its TicketIssued
    issued_at          TEXT NOT NULL,
    position_at_issue  INTEGER NOT NULL CHECK (position_at_issue > 0),
    wait_low_at_issue  INTEGER,  -- seconds; null: unknown
    wait_high_at_issue INTEGER,
    arrived_at         TEXT,
    first_called_at    TEXT,
    called_at          TEXT,
    call_count         INTEGER NOT NULL CHECK (call_count >= 0),
    serving_at         TEXT,
    served_seconds     REAL NOT NULL CHECK (served_seconds >= 0),  -- at counters, without time on hold
    counter            TEXT,
    deferrals          INTEGER NOT NULL,
    reason             TEXT,  -- a code of the office's list
    ended_at           TEXT,
    ended_by           TEXT, corrected_at TEXT, corrected_by TEXT, corrected_reason TEXT, was_state TEXT, was_service TEXT,
    PRIMARY KEY (office_id, business_day, number),
    UNIQUE (office_id, issue_seq)
) STRICT, WITHOUT ROWID;
-- Staff accounts. An account is never deleted, so that the record of operations always names somebody who exists.
CREATE TABLE staff (
    name          TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),  -- NFC, [\w.-]
    password_hash TEXT NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    generation    INTEGER NOT NULL DEFAULT 1 CHECK (generation > 0),  -- +1 ends every session made before
    created_at    TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
    disabled_at   TEXT CHECK (disabled_at LIKE '____-__-__T__:__:__.___Z')  -- null: may sign in
) STRICT;

-- What an account may do, and where: one row for each role and each office.
CREATE TABLE staff_grants (
    name  TEXT NOT NULL REFERENCES staff (name),
    kind  TEXT NOT NULL CHECK (kind IN ('role', 'office')),
    value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 64),  -- an office id, '*' for every office, or a role
    CHECK (kind <> 'role' OR value IN ('clerk', 'supervisor', 'admin', 'privacy')),
    PRIMARY KEY (name, kind, value)
) STRICT;

-- Signed-in browsers. The token itself is only in the cookie.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY CHECK (length(token_hash) = 64),  -- SHA-256, hex
    name       TEXT NOT NULL REFERENCES staff (name),
    generation INTEGER NOT NULL,  -- of the account at sign-in; a session of an older generation is void
    created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
    expires_at TEXT NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__.___Z'),
    CHECK (expires_at > created_at)
) STRICT;
CREATE INDEX sessions_by_name ON sessions (name);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Invitations that were not used yet: one code enrols one browser; the row goes away when it does.
CREATE TABLE enrolments (
    code_hash  TEXT PRIMARY KEY CHECK (length(code_hash) = 64),  -- SHA-256, hex
    device_id  TEXT NOT NULL UNIQUE,  -- the id that the device will have
    office_id  TEXT NOT NULL CHECK (length(office_id) > 0),
    kind       TEXT NOT NULL CHECK (kind IN ('kiosk', 'board')),
    label      TEXT NOT NULL CHECK (length(label) <= 64),  -- may be empty
    invited_at TEXT NOT NULL CHECK (invited_at LIKE '____-__-__T__:__:__.___Z'),
    expires_at TEXT NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__.___Z'),
    CHECK (expires_at > invited_at)
) STRICT;

-- Enrolled browsers that stand in one office. The token itself is only in the device's cookie.
CREATE TABLE devices (
    id          TEXT PRIMARY KEY CHECK (length(id) > 0),
    token_hash  TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),  -- SHA-256, hex
    office_id   TEXT NOT NULL CHECK (length(office_id) > 0),
    kind        TEXT NOT NULL CHECK (kind IN ('kiosk', 'board')),
    label       TEXT NOT NULL CHECK (length(label) <= 64),  -- may be empty
    enrolled_at TEXT NOT NULL CHECK (enrolled_at LIKE '____-__-__T__:__:__.___Z'),
    revoked_at  TEXT CHECK (revoked_at LIKE '____-__-__T__:__:__.___Z')  -- null: in use
) STRICT;

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

-- Slips to print: one job for each ticket, and one more for each time that staff print it again. What is printed is made
-- when the job leaves; no secret and no contact in any column.
CREATE TABLE print_jobs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    office_id    TEXT NOT NULL CHECK (length(office_id) BETWEEN 1 AND 32),
    business_day TEXT NOT NULL CHECK (business_day LIKE '____-__-__'),
    number       TEXT NOT NULL CHECK (length(number) > 0),
    copy         INTEGER NOT NULL CHECK (copy > 0),  -- 1, 2, 3 … for each ticket
    printer      TEXT NOT NULL CHECK (length(printer) > 0),  -- an id of [[office.slip.printer]]
    state        TEXT NOT NULL CHECK (state IN (
        'queued',   -- waits for the printer; at due_at -> failed
        'sent',     -- left for the printer, once; at due_at -> failed, without due_at it stays so
        'printed',  -- the printer said so
        'failed',   -- not printed, or not known to be
        'void'      -- withdrawn before it left
    )),
    problem      TEXT,  -- a code: why it failed
    asked_by     TEXT NOT NULL CHECK (length(asked_by) BETWEEN 1 AND 200),  -- kiosk:ID or staff:NAME
    asked_at     TEXT NOT NULL CHECK (asked_at LIKE '____-__-__T__:__:__.___Z'),
    due_at       TEXT CHECK (due_at LIKE '____-__-__T__:__:__.___Z'),  -- null: nothing more is to come
    sent_at      TEXT CHECK (sent_at LIKE '____-__-__T__:__:__.___Z'),
    ended_at     TEXT CHECK (ended_at LIKE '____-__-__T__:__:__.___Z'),
    UNIQUE (office_id, business_day, number, copy)
) STRICT;
CREATE INDEX print_jobs_open ON print_jobs (office_id, printer, id) WHERE state IN ('queued', 'sent');

-- How often each board has shown each item of its playlist. A board's page says its whole count again and again, and the
-- highest stays, so that nothing is counted twice.
CREATE TABLE plays (
    office_id    TEXT NOT NULL CHECK (length(office_id) BETWEEN 1 AND 32),
    business_day TEXT NOT NULL CHECK (business_day LIKE '____-__-__'),
    item         TEXT NOT NULL CHECK (length(item) BETWEEN 1 AND 32),  -- its id in the playlist
    device_id    TEXT NOT NULL REFERENCES devices (id),
    run          TEXT NOT NULL CHECK (length(run) = 16),  -- of the page, from its opening to its end
    shown        INTEGER NOT NULL CHECK (shown BETWEEN 1 AND 28800),
    PRIMARY KEY (office_id, business_day, item, device_id, run)
) STRICT, WITHOUT ROWID;
