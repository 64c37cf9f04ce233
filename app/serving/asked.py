"""Being told to stop before everything runs."""

import signal
from types import FrameType

from app.core.embedded.signals import STOPS


class Asked:
    """Notes that somebody asks to stop; the start goes no further than its present step.

    An exception would be dropped by Python at the moment of a fork, and lose the child right
    after it. Who asks twice is in a hurry, and gets one. The supervisor takes over later.
    """

    def __init__(self) -> None:
        self._asked = False
        for number in STOPS:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # started with nohup: the terminal may go
            signal.signal(number, self._note)

    def heed(self) -> None:
        """Go no further when somebody has asked to stop."""
        if self._asked:
            raise KeyboardInterrupt

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
