"""Notices' tests."""
