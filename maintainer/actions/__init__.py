"""One file for each kind of step, and the registry that finds it."""
