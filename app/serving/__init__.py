"""Running everything on one machine: which parts there are, and what the terminal says."""
