-- The metrics count all of them every few seconds.
CREATE INDEX notices_by_outcome ON notices (channel, kind, state, outcome);
