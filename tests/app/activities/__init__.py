"""Tests of app.activities."""
