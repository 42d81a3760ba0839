"""What kills and lies: tests of promises that must hold whatever goes wrong."""
