"""Tests of what runs everything on one machine."""
