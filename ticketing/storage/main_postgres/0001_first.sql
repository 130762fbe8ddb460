-- The main part in PostgreSQL. Columns, names and meaning are those of the SQLite file (../main/schema.sql), and a test
-- compares them; times and days are text there and here, so that both hold the same values. Text sorts by its bytes.
CREATE TABLE events (
    office_id       text COLLATE "C" NOT NULL CHECK (length(office_id) BETWEEN 1 AND 32),
    seq             bigint NOT NULL CHECK (seq > 0),
    business_day    text COLLATE "C" NOT NULL CHECK (business_day LIKE '____-__-__'),
    at              text COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),
    kind            text COLLATE "C" NOT NULL,
    data            text COLLATE "C" NOT NULL CHECK (data::json IS NOT NULL),
    command_id      text COLLATE "C",
    scope           text COLLATE "C",
    idempotency_key text COLLATE "C",
    body_mac        bytea,
    answer          text COLLATE "C" CHECK (answer IS NULL OR answer::json IS NOT NULL),
    CHECK ((scope IS NULL) = (idempotency_key IS NULL)),
    CHECK (scope IS NULL OR command_id IS NOT NULL),
    PRIMARY KEY (office_id, seq)
);
CREATE UNIQUE INDEX events_by_command ON events (office_id, business_day, command_id)
    WHERE command_id IS NOT NULL;
CREATE UNIQUE INDEX events_by_idempotency_key ON events (office_id, business_day, scope, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX events_by_day_opened ON events (office_id, business_day)
    WHERE kind = 'DayOpened';
CREATE INDEX events_by_day_turn ON events (office_id, business_day, seq)
    WHERE kind IN ('DayOpened', 'DayExtended', 'DayClosed');

CREATE TABLE tickets (
    office_id          text COLLATE "C" NOT NULL CHECK (length(office_id) BETWEEN 1 AND 32),
    business_day       text COLLATE "C" NOT NULL CHECK (business_day LIKE '____-__-__'),
    number             text COLLATE "C" NOT NULL CHECK (length(number) > 0),
    service            text COLLATE "C" NOT NULL,
    channel            text COLLATE "C" NOT NULL CHECK (channel IN ('kiosk', 'web', 'staff')),
    language           text COLLATE "C" NOT NULL,
    state              text COLLATE "C" NOT NULL CHECK (state IN (
        'expected', 'waiting', 'called', 'serving', 'held', 'absent', 'completed', 'cancelled', 'expired', 'closed'
    )),
    issue_seq          bigint NOT NULL,
    issued_at          text COLLATE "C" NOT NULL,
    position_at_issue  bigint NOT NULL CHECK (position_at_issue > 0),
    wait_low_at_issue  bigint,
    wait_high_at_issue bigint,
    arrived_at         text COLLATE "C",
    first_called_at    text COLLATE "C",
    called_at          text COLLATE "C",
    call_count         bigint NOT NULL CHECK (call_count >= 0),
    serving_at         text COLLATE "C",
    served_seconds     double precision NOT NULL CHECK (served_seconds >= 0),
    counter            text COLLATE "C",
    deferrals          bigint NOT NULL,
    reason             text COLLATE "C",
    ended_at           text COLLATE "C",
    ended_by           text COLLATE "C",
    PRIMARY KEY (office_id, business_day, number),
    UNIQUE (office_id, issue_seq)
);

-- Staff accounts. An account is never deleted, so that the record of operations always names somebody who exists.
CREATE TABLE staff (
    name          text COLLATE "C" PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),  -- NFC, [\w.-]
    password_hash text COLLATE "C" NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    generation    bigint NOT NULL DEFAULT 1 CHECK (generation > 0),  -- +1 ends every session made before
    created_at    text COLLATE "C" NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
    disabled_at   text COLLATE "C" CHECK (disabled_at LIKE '____-__-__T__:__:__.___Z')  -- null: may sign in
);

-- What an account may do, and where: one row for each role and each office.
CREATE TABLE staff_grants (
    name  text COLLATE "C" NOT NULL REFERENCES staff (name),
    kind  text COLLATE "C" NOT NULL CHECK (kind IN ('role', 'office')),
    value text COLLATE "C" NOT NULL CHECK (length(value) BETWEEN 1 AND 64),  -- an office id, '*' for every office, or a role
    CHECK (kind <> 'role' OR value IN ('clerk', 'supervisor', 'admin', 'privacy')),
    PRIMARY KEY (name, kind, value)
);

-- Signed-in browsers. The token itself is only in the cookie.
CREATE TABLE sessions (
    token_hash text COLLATE "C" PRIMARY KEY CHECK (length(token_hash) = 64),  -- SHA-256, hex
    name       text COLLATE "C" NOT NULL REFERENCES staff (name),
    generation bigint NOT NULL,  -- of the account at sign-in; a session of an older generation is void
    created_at text COLLATE "C" NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__.___Z'),
    expires_at text COLLATE "C" NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__.___Z'),
    CHECK (expires_at > created_at)
);
CREATE INDEX sessions_by_name ON sessions (name);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Invitations that were not used yet: one code enrols one browser; the row goes away when it does.
CREATE TABLE enrolments (
    code_hash  text COLLATE "C" PRIMARY KEY CHECK (length(code_hash) = 64),  -- SHA-256, hex
    device_id  text COLLATE "C" NOT NULL UNIQUE,  -- the id that the device will have
    office_id  text COLLATE "C" NOT NULL CHECK (length(office_id) > 0),
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('kiosk', 'board')),
    label      text COLLATE "C" NOT NULL CHECK (length(label) <= 64),  -- may be empty
    invited_at text COLLATE "C" NOT NULL CHECK (invited_at LIKE '____-__-__T__:__:__.___Z'),
    expires_at text COLLATE "C" NOT NULL CHECK (expires_at LIKE '____-__-__T__:__:__.___Z'),
    CHECK (expires_at > invited_at)
);

-- Enrolled browsers that stand in one office. The token itself is only in the device's cookie.
CREATE TABLE devices (
    id          text COLLATE "C" PRIMARY KEY CHECK (length(id) > 0),
    token_hash  text COLLATE "C" NOT NULL UNIQUE CHECK (length(token_hash) = 64),  -- SHA-256, hex
    office_id   text COLLATE "C" NOT NULL CHECK (length(office_id) > 0),
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('kiosk', 'board')),
    label       text COLLATE "C" NOT NULL CHECK (length(label) <= 64),  -- may be empty
    enrolled_at text COLLATE "C" NOT NULL CHECK (enrolled_at LIKE '____-__-__T__:__:__.___Z'),
    revoked_at  text COLLATE "C" CHECK (revoked_at LIKE '____-__-__T__:__:__.___Z')  -- null: in use
);

-- The record of operations. Rows are only ever added; never a contact in any column. Each row holds a hash over itself and
-- the row before it, so that a changed, removed or inserted row shows.
CREATE TABLE audit (
    id        bigint PRIMARY KEY CHECK (id > 0),
    at        text COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),
    who       text COLLATE "C" NOT NULL CHECK (length(who) BETWEEN 1 AND 200),  -- staff:NAME, kiosk:ID, cli:OS-USER, web, tick, purge
    address   text COLLATE "C",           -- of the network client; null: on the machine itself
    what      text COLLATE "C" NOT NULL CHECK (length(what) BETWEEN 1 AND 200),  -- the operation, e.g. staff.add, session.create
    target    text COLLATE "C" CHECK (length(target) <= 200),  -- what it was done to: an account, a device, a number, a day
    office_id text COLLATE "C",           -- null: not of one office
    result    text COLLATE "C" NOT NULL CHECK (length(result) BETWEEN 1 AND 200),  -- ok, or the code of the refusal
    hash      text COLLATE "C" CHECK (length(hash) = 64)  -- SHA-256 over the hash of the row before and this row; null: older than that
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_of_erasures ON audit (id) WHERE what = 'erasure.record';

-- What was erased, when, and on whose responsibility. Each record holds the hash of the one before it and is signed, so that
-- a changed, removed or inserted record shows. Never a contact, nor anything made from one.
CREATE TABLE erasures (
    id              bigint PRIMARY KEY CHECK (id > 0),  -- 1, 2, 3, …
    office_id       text COLLATE "C" NOT NULL CHECK (length(office_id) > 0),
    business_day    text COLLATE "C" NOT NULL CHECK (business_day LIKE '____-__-__'),
    counts          text COLLATE "C" NOT NULL CHECK (counts::json IS NOT NULL),  -- contacts removed, by channel
    key_fingerprint text COLLATE "C",  -- of the day's key; null: the day had none
    started_at      text COLLATE "C" NOT NULL CHECK (started_at LIKE '____-__-__T__:__:__.___Z'),
    finished_at     text COLLATE "C" NOT NULL CHECK (finished_at LIKE '____-__-__T__:__:__.___Z'),
    as_of           text COLLATE "C" NOT NULL CHECK (as_of LIKE '____-__-__T__:__:__.___Z'),  -- the time that was asked for
    is_future       bigint NOT NULL CHECK (is_future IN (0, 1)),  -- 1: as_of lay ahead of the clock
    version         text COLLATE "C" NOT NULL,  -- of Junban
    result          text COLLATE "C" NOT NULL CHECK (result IN ('erased')),
    responsible     text COLLATE "C" NOT NULL,
    handlers        text COLLATE "C" NOT NULL CHECK (handlers::json IS NOT NULL),  -- a JSON list of names
    proof           text COLLATE "C" CHECK (proof IS NULL OR proof::json IS NOT NULL),  -- how it was seen that all is gone; null: an older record
    previous_hash   text COLLATE "C" NOT NULL CHECK (length(previous_hash) = 64),  -- 64 zeros in the first record
    hash            text COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64),  -- SHA-256 over all columns above, as canonical JSON
    public_key      text COLLATE "C" CHECK (length(public_key) = 64),  -- Ed25519; null: from before records were signed
    signature       text COLLATE "C" CHECK (length(signature) = 128),  -- over the hash
    UNIQUE (office_id, business_day, started_at),
    CHECK ((public_key IS NULL) = (signature IS NULL))
);

-- How far both chains went at a time, signed; written with every erasure record, so that a chain cut off or written anew shows.
CREATE TABLE heads (
    id           bigint PRIMARY KEY CHECK (id > 0),
    at           text COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),
    audit_id     bigint NOT NULL,  -- the last operation and its hash
    audit_hash   text COLLATE "C" NOT NULL CHECK (length(audit_hash) = 64),
    erasure_id   bigint NOT NULL,  -- the last erasure record and its hash
    erasure_hash text COLLATE "C" NOT NULL CHECK (length(erasure_hash) = 64),
    public_key   text COLLATE "C" NOT NULL CHECK (length(public_key) = 64),  -- Ed25519
    signature    text COLLATE "C" NOT NULL CHECK (length(signature) = 128)  -- over all columns before public_key, as canonical JSON
);

-- Slips to print: one job for each ticket, and one more for each time that staff print it again. What is printed is made
-- when the job leaves; no secret and no contact in any column.
CREATE TABLE print_jobs (
    id           bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY CHECK (id > 0),
    office_id    text COLLATE "C" NOT NULL CHECK (length(office_id) BETWEEN 1 AND 32),
    business_day text COLLATE "C" NOT NULL CHECK (business_day LIKE '____-__-__'),
    number       text COLLATE "C" NOT NULL CHECK (length(number) > 0),
    copy         bigint NOT NULL CHECK (copy > 0),  -- 1, 2, 3 … for each ticket
    printer      text COLLATE "C" NOT NULL CHECK (length(printer) > 0),  -- an id of [[office.slip.printer]]
    state        text COLLATE "C" NOT NULL CHECK (state IN (
        'queued',   -- waits for the printer; at due_at -> failed
        'sent',     -- left for the printer, once; at due_at -> failed, without due_at it stays so
        'printed',  -- the printer said so
        'failed',   -- not printed, or not known to be
        'void'      -- withdrawn before it left
    )),
    problem      text COLLATE "C",  -- a code: why it failed
    asked_by     text COLLATE "C" NOT NULL CHECK (length(asked_by) BETWEEN 1 AND 200),  -- kiosk:ID or staff:NAME
    asked_at     text COLLATE "C" NOT NULL CHECK (asked_at LIKE '____-__-__T__:__:__.___Z'),
    due_at       text COLLATE "C" CHECK (due_at LIKE '____-__-__T__:__:__.___Z'),  -- null: nothing more is to come
    sent_at      text COLLATE "C" CHECK (sent_at LIKE '____-__-__T__:__:__.___Z'),
    ended_at     text COLLATE "C" CHECK (ended_at LIKE '____-__-__T__:__:__.___Z'),
    UNIQUE (office_id, business_day, number, copy)
);
CREATE INDEX print_jobs_open ON print_jobs (office_id, printer, id) WHERE state IN ('queued', 'sent');

-- How often each board has shown each item of its playlist. A board's page says its whole count again and again, and the
-- highest stays, so that nothing is counted twice.
CREATE TABLE plays (
    office_id    text COLLATE "C" NOT NULL CHECK (length(office_id) BETWEEN 1 AND 32),
    business_day text COLLATE "C" NOT NULL CHECK (business_day LIKE '____-__-__'),
    item         text COLLATE "C" NOT NULL CHECK (length(item) BETWEEN 1 AND 32),  -- its id in the playlist
    device_id    text COLLATE "C" NOT NULL REFERENCES devices (id),
    run          text COLLATE "C" NOT NULL CHECK (length(run) = 16),  -- of the page, from its opening to its end
    shown        bigint NOT NULL CHECK (shown BETWEEN 1 AND 28800),
    PRIMARY KEY (office_id, business_day, item, device_id, run)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % can only be added', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_refuses_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasures_refuses_change BEFORE UPDATE OR DELETE ON erasures
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasures_refuses_truncate BEFORE TRUNCATE ON erasures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER heads_refuses_change BEFORE UPDATE OR DELETE ON heads
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER heads_refuses_truncate BEFORE TRUNCATE ON heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The last id that was given in a table whose rows are counted, also to one that somebody removed.
CREATE TABLE chains (
    name    text COLLATE "C" PRIMARY KEY,
    last_id bigint NOT NULL
);
INSERT INTO chains VALUES ('audit', 0), ('heads', 0);

CREATE FUNCTION note_last_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE chains SET last_id = greatest(last_id, (SELECT max(id) FROM added)) WHERE name = TG_TABLE_NAME;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_counts AFTER INSERT ON audit
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_last_id();
CREATE TRIGGER heads_count AFTER INSERT ON heads
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_last_id();

-- An operation before it has its place in the chain; ``batch`` is the office whose batch it belongs to.
CREATE TYPE audit_line AS (
    batch text, at text, who text, address text, what text, target text, office_id text, result text
);

-- Rows of the record of operations, chained to the last. Their hashes are those of ticketing/audit_chain.py: SHA-256 over
-- [hash before, id, fields …] as JSON. The row of ``chains`` is locked until the transaction ends, so writers take turns.
CREATE FUNCTION append_audit(lines audit_line[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    line     audit_line;
    next_id  bigint;
    previous text;
    fields   text;
    added    audit[] := '{}';
BEGIN
    SELECT last_id INTO next_id FROM chains WHERE name = 'audit' FOR UPDATE;
    SELECT hash INTO previous FROM audit ORDER BY id DESC LIMIT 1;
    previous := coalesce(previous, repeat('0', 64));
    FOREACH line IN ARRAY lines LOOP
        next_id := next_id + 1;
        SELECT string_agg(coalesce(to_json(field)::text, 'null'), ',' ORDER BY place) INTO fields
        FROM unnest(ARRAY[line.at, line.who, line.address, line.what, line.target, line.office_id, line.result])
            WITH ORDINALITY AS each (field, place);
        previous := encode(
            sha256(convert_to('[' || to_json(previous)::text || ',' || next_id || ',' || fields || ']', 'UTF8')), 'hex'
        );
        added := added || ROW(
            next_id, line.at, line.who, line.address, line.what, line.target, line.office_id, line.result, previous
        )::audit;
    END LOOP;
    INSERT INTO audit SELECT * FROM unnest(added);
END $$;

-- What these offices' batches hold. Rows go in by office, so that two writers never wait for each other in a circle.
CREATE FUNCTION append_rows(offices text[], new_events events[], new_tickets tickets[], new_audit audit_line[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    lines audit_line[];
BEGIN
    INSERT INTO events
    SELECT * FROM unnest(new_events) AS new WHERE new.office_id = ANY (offices) ORDER BY new.office_id, new.seq;
    INSERT INTO tickets
    SELECT * FROM unnest(new_tickets) AS new WHERE new.office_id = ANY (offices) ORDER BY new.office_id, new.number
    ON CONFLICT (office_id, business_day, number) DO UPDATE
    SET service = excluded.service, channel = excluded.channel, language = excluded.language, state = excluded.state,
        issue_seq = excluded.issue_seq, issued_at = excluded.issued_at,
        position_at_issue = excluded.position_at_issue, wait_low_at_issue = excluded.wait_low_at_issue,
        wait_high_at_issue = excluded.wait_high_at_issue, arrived_at = excluded.arrived_at,
        first_called_at = excluded.first_called_at, called_at = excluded.called_at, call_count = excluded.call_count,
        serving_at = excluded.serving_at, served_seconds = excluded.served_seconds, counter = excluded.counter,
        deferrals = excluded.deferrals, reason = excluded.reason, ended_at = excluded.ended_at,
        ended_by = excluded.ended_by;
    lines := ARRAY(
        SELECT ROW(batch, at, who, address, what, target, office_id, result)::audit_line
        FROM unnest(new_audit)
            WITH ORDINALITY AS given (batch, at, who, address, what, target, office_id, result, place)
        WHERE batch = ANY (offices)
        ORDER BY place
    );
    IF cardinality(lines) > 0 THEN
        PERFORM append_audit(lines);
    END IF;
END $$;

-- The batches of several offices, one batch an office, in one statement: nothing is held open while a client thinks or
-- sleeps. Answers for each office: stored; conflict (another writer was first, or the command is there already); failed
-- (cannot be stored as it is). One's conflict or failure leaves the others alone.
CREATE FUNCTION append_batches(
    offices text[], after_seqs bigint[], new_events events[], new_tickets tickets[], new_audit audit_line[]
) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    fitting  text[];
    stored   text[];
    failed   text[] := '{}';
    office   text;
BEGIN
    SELECT coalesce(array_agg(batch.office ORDER BY batch.office COLLATE "C"), '{}') INTO fitting
    FROM unnest(offices, after_seqs) AS batch (office, after_seq)
    WHERE after_seq = coalesce((SELECT max(seq) FROM events WHERE office_id = batch.office), 0);
    stored := fitting;
    BEGIN
        PERFORM append_rows(fitting, new_events, new_tickets, new_audit);
    EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
        stored := '{}';
        FOREACH office IN ARRAY fitting LOOP
            BEGIN
                PERFORM append_rows(ARRAY[office], new_events, new_tickets, new_audit);
                stored := stored || office;
            EXCEPTION
                WHEN unique_violation THEN NULL;
                WHEN integrity_constraint_violation OR data_exception THEN failed := failed || office;
            END;
        END LOOP;
    END;
    RETURN ARRAY(
        SELECT CASE WHEN each = ANY (stored) THEN 'stored' WHEN each = ANY (failed) THEN 'failed' ELSE 'conflict' END
        FROM unnest(offices) WITH ORDINALITY AS given (each, place)
        ORDER BY place
    );
END $$;
