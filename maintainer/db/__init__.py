"""The one door to PostgreSQL: a protocol, and a file for each driver that answers it."""
