"""Data retention and maintenance for PostgreSQL, by policy."""

__version__ = "0.1.0"
