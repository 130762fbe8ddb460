"""The rules of an office's queue, pure: no clock, no I/O, no randomness."""
