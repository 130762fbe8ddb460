"""The demonstration office."""
