-- What a supervisor corrected about a ticket, as in ../main/0005_corrections.sql.
ALTER TABLE tickets ADD COLUMN corrected_at text COLLATE "C";
ALTER TABLE tickets ADD COLUMN corrected_by text COLLATE "C";
ALTER TABLE tickets ADD COLUMN corrected_reason text COLLATE "C";
ALTER TABLE tickets ADD COLUMN was_state text COLLATE "C";
ALTER TABLE tickets ADD COLUMN was_service text COLLATE "C";

-- What these offices' batches hold. Rows go in by office, so that two writers never wait for each other in a circle.
CREATE OR REPLACE FUNCTION append_rows(offices text[], new_events events[], new_tickets tickets[], new_audit audit_line[])
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
        ended_by = excluded.ended_by, corrected_at = excluded.corrected_at, corrected_by = excluded.corrected_by,
        corrected_reason = excluded.corrected_reason, was_state = excluded.was_state, was_service = excluded.was_service;
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
