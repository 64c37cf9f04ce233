"""Kinds of rule, one a file. Which are in force, and with what numbers, is data."""
