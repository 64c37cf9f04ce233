"""Telephone numbers: bound, checked, refused."""
