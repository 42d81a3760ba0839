"""What the people decided: YAML files read into frozen, checked values."""
