"""Tests of app.administration."""
