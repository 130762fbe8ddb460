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
