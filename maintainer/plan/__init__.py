"""What is to be done and why: facts, steps and the decisions between them, all pure."""
