"""Spoken calls, put together from parts that were recorded from a synthetic voice."""
