"""The paper slip: its content and picture, the jobs that print it, and the ways to a printer."""
