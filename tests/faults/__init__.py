"""What is left standing when something is killed, silent, full or wrong."""
