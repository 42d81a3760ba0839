"""Plans, reports and states as text: for people, for pipes, for machines."""
