"""The love-supermarket: a one-minute code at the counter, points for goods."""
