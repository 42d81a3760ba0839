"""Walks a plan: lock, journal, step, receipt, stop."""
