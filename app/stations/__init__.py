"""Stations: a printed code, a service, one paid visit a day."""
