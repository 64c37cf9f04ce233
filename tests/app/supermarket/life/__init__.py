"""A life in the shops, and plain books beside it."""
