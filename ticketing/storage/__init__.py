"""What a database is to the stores: SQLite files and PostgreSQL, their schemas and migrations."""
