"""The only file that may ask what time it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class SimulatedClock:
    """Jumps to the instant it is told to wait for, and never goes back."""

    jumps = True
    speed = 1.0

    def __init__(self, start: int = 0) -> None:
        self._now = start
        self._stopped = False

    def now(self) -> int:
        """The instant last waited for, ns UTC."""
        return self._now

    def elapsed(self) -> int:
        """The same: simulated time has no steps."""
        return self._now

    def stop(self) -> None:
        """No more jumps."""
        self._stopped = True

    def wait_until(self, instant: int) -> bool:
        """Jump; False when stopped."""
        if not self._stopped:
            self._now = max(self._now, instant)
        return not self._stopped


class WallClock:
    """The machine's clock; sleeps in slices of at most a second, so that steps of the clock are seen."""

    jumps = False
    speed = 1.0

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


class ReplayClock:
    """Begins at `start` and runs `speed` times as fast as the machine's clock, which no step of that clock changes.

    `opening`: the instant at which the hours of trading begin after a given one, that one itself when it lies in them.
    Nights and weekends are not slept through: the clock jumps while it is outside the hours.
    """

    def __init__(self, start: int, speed: float, opening: Callable[[int], int] | None = None) -> None:
        if not speed > 0.0:
            raise ValueError("a replay's clock runs forward")
        self._start = start
        self.speed = speed
        self._opening = opening or (lambda instant: instant)
        self._began = time.monotonic_ns()
        self._stopped = threading.Event()

    @property
    def jumps(self) -> bool:
        """Whether no time passes while it waits: outside the hours."""
        now = self.now()
        return self._opening(now) > now

    def now(self) -> int:
        """The replayed instant, ns UTC."""
        return self._start + int((time.monotonic_ns() - self._began) * self.speed)

    def skip_to(self, instant: int) -> None:
        """Be at `instant`, unless it is past: a replay goes on where it was left."""
        self._start += max(0, instant - self.now())

    def elapsed(self) -> int:
        """The same: replayed time has no steps."""
        return self.now()

    def stop(self) -> None:
        """End every wait."""
        self._stopped.set()

    def wait_until(self, instant: int) -> bool:
        """Wait until the replay has come to `instant`; False when stopped."""
        while (left := instant - (now := self.now())) > 0:
            opening = self._opening(now)
            if opening > now:
                self._start += min(instant, opening) - now
            elif self._stopped.wait(min(left / self.speed / 1e9, 1.0)):
                return False
        return not self._stopped.is_set()


def replay_clock(
    start: int, speed: float, opening: Callable[[int], int] | None = None
) -> SimulatedClock | ReplayClock:
    """The clock of a replay that begins at `start`; speed 0 is as fast as the bars can be worked on."""
    return ReplayClock(start, speed, opening) if speed else SimulatedClock(start)
