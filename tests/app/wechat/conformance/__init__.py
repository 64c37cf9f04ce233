"""One suite for both sides: our client and the stand-in, over a socket and in one process."""
