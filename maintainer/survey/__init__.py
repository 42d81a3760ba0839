"""Looks at the database, read-only, and returns facts."""
