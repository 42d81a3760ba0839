"""The rules of the house, each a pure function from a file to what is wrong in it."""
