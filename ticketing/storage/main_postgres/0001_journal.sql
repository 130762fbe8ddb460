-- The journal in PostgreSQL. Columns, names and meaning are those of the SQLite file (../main/schema.sql); times and days
-- are text there and here, so that both hold the same values.
CREATE TABLE events (
    office_id       text COLLATE "C" NOT NULL CHECK (length(office_id) BETWEEN 1 AND 32),
    seq             bigint NOT NULL CHECK (seq > 0),
    business_day    text COLLATE "C" NOT NULL CHECK (business_day LIKE '____-__-__'),
    at              text COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),
    kind            text COLLATE "C" NOT NULL,
    data            text NOT NULL CHECK (data::json IS NOT NULL),
    command_id      text COLLATE "C",
    scope           text COLLATE "C",
    idempotency_key text COLLATE "C",
    body_mac        bytea,
    answer          text CHECK (answer IS NULL OR answer::json IS NOT NULL),
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
    service            text NOT NULL,
    channel            text NOT NULL CHECK (channel IN ('kiosk', 'web', 'staff')),
    language           text NOT NULL,
    state              text NOT NULL CHECK (state IN (
        'expected', 'waiting', 'called', 'serving', 'held', 'absent', 'completed', 'cancelled', 'expired', 'closed'
    )),
    issue_seq          bigint NOT NULL,
    issued_at          text NOT NULL,
    position_at_issue  bigint NOT NULL CHECK (position_at_issue > 0),
    wait_low_at_issue  bigint,
    wait_high_at_issue bigint,
    arrived_at         text,
    first_called_at    text,
    called_at          text,
    call_count         bigint NOT NULL CHECK (call_count >= 0),
    serving_at         text,
    served_seconds     double precision NOT NULL CHECK (served_seconds >= 0),
    counter            text,
    deferrals          bigint NOT NULL,
    reason             text,
    ended_at           text,
    ended_by           text,
    PRIMARY KEY (office_id, business_day, number),
    UNIQUE (office_id, issue_seq)
);

CREATE TABLE audit (
    id        bigint PRIMARY KEY CHECK (id > 0),
    at        text COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__.___Z'),
    who       text COLLATE "C" NOT NULL CHECK (length(who) BETWEEN 1 AND 200),
    address   text,
    what      text COLLATE "C" NOT NULL CHECK (length(what) BETWEEN 1 AND 200),
    target    text CHECK (length(target) <= 200),
    office_id text COLLATE "C",
    result    text NOT NULL CHECK (length(result) BETWEEN 1 AND 200),
    hash      text CHECK (length(hash) = 64)
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_of_erasures ON audit (id) WHERE what = 'erasure.record';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record of operations can only be added to';
END $$;
CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_refuses_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The last id that was given in a chain, also to a row that somebody removed.
CREATE TABLE chains (
    name    text PRIMARY KEY,
    last_id bigint NOT NULL
);
INSERT INTO chains VALUES ('audit', 0);

-- An operation before it has its place in the chain; ``batch`` is the office whose batch it belongs to.
CREATE TYPE audit_line AS (
    batch text, at text, who text, address text, what text, target text, office_id text, result text
);

-- One row of the record of operations, chained to the last. Its hash is that of ticketing/audit_chain.py: SHA-256 over
-- [hash before, id, fields …] as JSON. The row of ``chains`` is locked until the transaction ends, so writers take turns.
CREATE FUNCTION append_audit(line audit_line) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_id  bigint;
    previous text;
    fields   text;
BEGIN
    UPDATE chains SET last_id = last_id + 1 WHERE name = 'audit' RETURNING last_id INTO next_id;
    SELECT hash INTO previous FROM audit ORDER BY id DESC LIMIT 1;
    previous := coalesce(previous, repeat('0', 64));
    SELECT string_agg(coalesce(to_json(field)::text, 'null'), ',' ORDER BY place) INTO fields
    FROM unnest(ARRAY[line.at, line.who, line.address, line.what, line.target, line.office_id, line.result])
        WITH ORDINALITY AS each (field, place);
    INSERT INTO audit VALUES (
        next_id, line.at, line.who, line.address, line.what, line.target, line.office_id, line.result,
        encode(sha256(convert_to('[' || to_json(previous)::text || ',' || next_id || ',' || fields || ']', 'UTF8')), 'hex')
    );
END $$;

-- What these offices' batches hold. Rows go in by office, so that two writers never wait for each other in a circle.
CREATE FUNCTION append_rows(offices text[], new_events events[], new_tickets tickets[], new_audit audit_line[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    line audit_line;
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
    FOREACH line IN ARRAY new_audit LOOP
        IF line.batch = ANY (offices) THEN
            PERFORM append_audit(line);
        END IF;
    END LOOP;
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
