"""Activities: check in with the venue's code, give time, check out, be credited for it."""
