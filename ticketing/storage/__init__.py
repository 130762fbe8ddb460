"""Database files, their schemas and their migrations."""
