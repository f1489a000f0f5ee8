"""The only file that may ask what time it is."""

from __future__ import annotations

import threading
import time


class SimulatedClock:
    """Jumps to the instant it is told to wait for, and never goes back."""

    jumps = True

    def __init__(self, start: int = 0) -> None:
        self._now = start

    def now(self) -> int:
        """The instant last waited for, ns UTC."""
        return self._now

    def elapsed(self) -> int:
        """The same: simulated time has no steps."""
        return self._now

    def wait_until(self, instant: int) -> bool:
        """Jump."""
        self._now = max(self._now, instant)
        return True


class WallClock:
    """The machine's clock; sleeps in slices of at most a second, so that steps of the clock are seen."""

    jumps = False

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def now(self) -> int:
        """Nanoseconds UTC."""
        return time.time_ns()

    def elapsed(self) -> int:
        """Nanoseconds since some moment, for waiting times: no step of the clock moves it."""
        return time.monotonic_ns()

    def stop(self) -> None:
        """End every wait."""
        self._stopped.set()

    def wait_until(self, instant: int) -> bool:
        """Sleep until `instant`; False when stopped."""
        while (left := instant - self.now()) > 0:
            if self._stopped.wait(min(left / 1e9, 1.0)):
                return False
        return not self._stopped.is_set()
