-- More kinds of messages, and when a ticket expires. SQLite cannot change a CHECK, so the table is made anew.

ALTER TABLE notices RENAME TO earlier_notices;

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    office_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    number TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'turn_near', 'called', 'called_again', 'absent', 'call_withdrawn', 'expiry_near', 'closed', 'cancelled',
        'line_linked'
    )),
    -- What makes it this one: the event's seq, or for turn_near the service.
    occurrence TEXT NOT NULL,
    seq INTEGER NOT NULL,
    service TEXT,
    counter TEXT,
    ahead INTEGER,
    wait_low INTEGER,
    wait_high INTEGER,
    -- When a web ticket that has not arrived expires at the latest.
    expires_at TEXT,
    -- The channel it goes to next, or went to last.
    channel TEXT NOT NULL CHECK (channel IN ('email', 'line', 'phone')),
    -- Channels that refused it for good, joined by spaces.
    tried TEXT NOT NULL DEFAULT '',
    retry_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'dropped')),
    -- A short code: what the server answered, or why it was dropped.
    outcome TEXT,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    created_at TEXT NOT NULL,
    useful_until TEXT NOT NULL,
    next_at TEXT NOT NULL,
    lease_until TEXT,
    settled_at TEXT,
    UNIQUE (office_id, business_day, number, kind, occurrence),
    CHECK ((state = 'sending') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('sent', 'failed', 'dropped')) = (settled_at IS NOT NULL))
) STRICT;

INSERT INTO notices (
    id, office_id, business_day, number, kind, occurrence, seq, service, counter, ahead, wait_low, wait_high, channel,
    tried, retry_key, state, outcome, attempts, created_at, useful_until, next_at, lease_until, settled_at
)
SELECT
    id, office_id, business_day, number, kind, occurrence, seq, service, counter, ahead, wait_low, wait_high, channel,
    tried, retry_key, state, outcome, attempts, created_at, useful_until, next_at, lease_until, settled_at
FROM earlier_notices;

DROP TABLE earlier_notices;

CREATE INDEX notices_open ON notices (channel, next_at) WHERE state IN ('pending', 'sending');
