"""`make bench` measures what it says it measures."""
