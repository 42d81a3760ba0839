"""Logs and progress, for people and machines; may fail without harm."""
