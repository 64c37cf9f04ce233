"""Tests of app.stations."""
