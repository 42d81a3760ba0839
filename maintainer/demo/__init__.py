"""A database to try maintainer on: an embedded server and nine years of data."""
