"""The engine's examinations."""
