"""The statements that fill the demo's tables; `$1` is the moment up to which they fill."""
