"""The shipped policies against hand-made facts, through the real planner."""
