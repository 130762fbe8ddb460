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
