"""The seven tables as a real schema: `.sql` files that make it and a catalogue that checks it."""
