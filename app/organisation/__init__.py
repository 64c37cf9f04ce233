"""The tree from the city to the household."""
