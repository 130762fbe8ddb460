-- What a supervisor corrected about a ticket that had ended wrongly: the last correction, and what stood there before the first.
ALTER TABLE tickets ADD COLUMN corrected_at TEXT;
ALTER TABLE tickets ADD COLUMN corrected_by TEXT;
ALTER TABLE tickets ADD COLUMN corrected_reason TEXT;
ALTER TABLE tickets ADD COLUMN was_state TEXT;
ALTER TABLE tickets ADD COLUMN was_service TEXT;
