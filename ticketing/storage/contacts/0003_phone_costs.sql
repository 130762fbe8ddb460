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
