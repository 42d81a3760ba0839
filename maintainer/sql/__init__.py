"""Every statement maintainer sends, in `.sql` files that a DBA can review."""
