"""How often a process that lives long looks for garbage in circles, and where.

What a process has loaded is never garbage: looking for some there takes a fifth of a start, and
is a waste ever after. A batch makes some ten thousand small values and lets go of them all at its
end, none of them in a circle: looked for as often as Python does by itself, circles cost a fifth
of the time. Requests do leave circles; there, what goes soon leaves its place while it is warm.
"""

import gc

ALLOCATIONS = 100_000  # of a batch of a thousand facts a few times over
ROUNDS = 20


def collect_among_new() -> None:
    """Leave alone what is there already, and look at what comes after it."""
    gc.collect()
    gc.freeze()
    gc.enable()


def collect_seldom() -> None:
    """The same, and less often."""
    collect_among_new()
    gc.set_threshold(ALLOCATIONS, ROUNDS, ROUNDS)
