"""Files that hold what left the tables."""
