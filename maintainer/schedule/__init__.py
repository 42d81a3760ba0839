"""Time: the clock, calendar arithmetic, windows, due dates and budgets."""
