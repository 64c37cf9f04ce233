"""What administrators do: roles given and taken, accounts of staff, and the audit log to read."""
