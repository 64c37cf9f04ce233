"""Tests of the service, through HTTP wherever a client could do it."""
