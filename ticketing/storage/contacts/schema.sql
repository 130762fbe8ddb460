-- contacts.sqlite3: what visitors registered, what is owed to them, and nothing that outlives its day but counts.

-- One contact of one ticket on one channel. The address is sealed under the day's key (AES-256-GCM,
-- associated data: office, day, number, channel), so that a row moved to another ticket does not open.
CREATE TABLE contacts (
    office_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    number TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'line', 'phone')),
    language TEXT NOT NULL,
    -- The visitor's own thresholds; null: the service's.
    ahead INTEGER CHECK (ahead >= 0),
    minutes INTEGER CHECK (minutes >= 0),
    nonce BLOB NOT NULL CHECK (length(nonce) = 12),
    sealed BLOB NOT NULL,
    -- Keyed hash (HMAC under the day's key) that finds "this address again".
    address_index BLOB NOT NULL CHECK (length(address_index) = 32),
    -- SHA-256 of the token that erases this contact with one click.
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    registered_at TEXT NOT NULL,
    PRIMARY KEY (office_id, business_day, number, channel)
) STRICT;

CREATE INDEX contacts_by_address ON contacts (office_id, business_day, address_index);

-- Codes that a visitor sends to the LINE account; only a keyed hash (HMAC under the day's key) is kept.
CREATE TABLE link_codes (
    code_hash BLOB NOT NULL PRIMARY KEY CHECK (length(code_hash) = 32),
    office_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    number TEXT NOT NULL,
    language TEXT NOT NULL,
    ahead INTEGER CHECK (ahead >= 0),
    minutes INTEGER CHECK (minutes >= 0),
    expires_at TEXT NOT NULL
) STRICT;

CREATE INDEX link_codes_by_day ON link_codes (office_id, business_day);

-- Webhook events already dealt with: LINE may deliver one again.
CREATE TABLE webhook_events (
    event_id TEXT NOT NULL PRIMARY KEY,
    seen_at TEXT NOT NULL
) STRICT;

-- How far the notifier has read each office's journal.
CREATE TABLE cursors (
    office_id TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL CHECK (seq >= 0)
) STRICT;

-- One message owed to the visitor of one ticket, and what became of it. Never an address.
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

CREATE INDEX notices_open ON notices (channel, next_at) WHERE state IN ('pending', 'sending');
-- The metrics count all of them every few seconds.
CREATE INDEX notices_by_outcome ON notices (channel, kind, state, outcome);

-- One text message or call that was handed to the phone's gateway, or may have been; they are counted because they
-- cost money. Days that are erased keep their counts and no hash of a number.
CREATE TABLE phone_costs (
    -- The notice's, the same on every attempt.
    retry_key TEXT NOT NULL PRIMARY KEY,
    office_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sms', 'voice')),
    -- Keyed hash (HMAC under the day's key) of the number.
    number_index BLOB CHECK (length(number_index) = 32)
) STRICT;

CREATE INDEX phone_costs_by_day ON phone_costs (business_day, office_id, number_index);

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
