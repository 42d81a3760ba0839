"""What was done, written where it cannot be missed: audit rows, ledger and events."""
