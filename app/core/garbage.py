"""How often a process that lives long looks for garbage in circles.

A batch makes some ten thousand small values and lets go of them all at its end, none of them in
a circle. Looked for as often as Python does by itself, circles cost a fifth of the time. What a
process has loaded is more than all requests together leave behind, and stays.
"""

import gc

OF_BATCHES = (100_000, 20, 20)  # allocations: of a batch of a thousand facts a few times over
OF_REQUESTS = (10_000, 10, 5)  # a sheet to print is a big circle, and has to go soon


def collect_seldom(thresholds: tuple[int, int, int] = OF_BATCHES) -> None:
    """Leave alone what is there already, and look at what comes after it less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*thresholds)
    gc.enable()
