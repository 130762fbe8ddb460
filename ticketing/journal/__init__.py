"""The durable record of what happened in an office, in order."""
