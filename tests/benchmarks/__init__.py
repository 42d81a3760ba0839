"""Ratios against the server's own limit, measured in the same run; nothing here asserts a time."""
