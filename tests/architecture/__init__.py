"""Rules about the source, the map and the database."""
