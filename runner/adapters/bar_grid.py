"""Which bars a session can bring: the ends at which they are due, and the bar of the run to which a finer one belongs."""

from __future__ import annotations

import bisect

from runner.engine.fill_forward import due_ends
from runner.market.bar import DAY
from runner.market.calendar import Calendar

KEPT = 16  # days of ends that are kept, of each length of bars


class BarGrid:
    """The ends of every symbol's bars; `steps` are their lengths in ns. `midnight`: daily bars end at the midnight
    after their session, as `data.daily_end` may say."""

    def __init__(
        self, calendar: Calendar, steps: dict[str, int], extended: bool, midnight: bool = False
    ) -> None:
        self.steps = steps
        self.finest = min(steps.values(), default=0)
        self._calendar = calendar
        self._extended = extended
        self._midnight = midnight
        self._ends: dict[tuple[int, int], list[int]] = {}

    def due(self, instant: int) -> list[str]:
        """Symbols of which a bar ends at `instant`."""
        steps = {step for step in set(self.steps.values()) if self.is_due(step, instant)}
        return [symbol for symbol, step in self.steps.items() if step in steps] if steps else []

    def is_due(self, step: int, instant: int) -> bool:
        """Whether bars of length `step` end at `instant`."""
        ends = self._of(self._calendar.day_of(instant - 1), step)
        i = bisect.bisect_left(ends, instant)
        return i < len(ends) and ends[i] == instant

    def place(self, symbol: str, end: int) -> int:
        """End of the symbol's bar to which one that ends at `end` belongs; 0 when it lies outside the hours of the run."""
        day = self._calendar.day_of(end - 1)
        opening = self.opening(day)
        ends = self._of(day, self.steps[symbol])
        i = bisect.bisect_left(ends, end)
        return ends[i] if end > opening and i < len(ends) else 0

    def start(self, symbol: str, end: int) -> int:
        """Where the symbol's bar begins that ends at `end`: not before the session."""
        return max(end - self.steps[symbol], self.opening(self._calendar.day_of(end - 1)))

    def opening(self, day: int) -> int:
        """When the session of a day begins; 0 on a day without one."""
        i = self._calendar.session_on(day)
        opens = self._calendar.pre if self._extended else self._calendar.open
        return int(opens[i]) if i >= 0 else 0

    def count(self, symbol: str, after: int, until: int, most: int) -> int:
        """How many of the symbol's bars end after `after` and not later than `until`; counts no further than `most`."""
        found = 0
        day, last = self._calendar.day_of(after), self._calendar.day_of(until)
        while day <= last and found < most:
            ends = self._of(day, self.steps[symbol])
            found += bisect.bisect_right(ends, until) - bisect.bisect_right(ends, min(after, until))
            day += 1
        return min(found, most)

    def ends(self, symbol: str, after: int, until: int) -> list[int]:
        """The ends of the symbol's bars after `after` and not later than `until`."""
        step = self.steps[symbol]
        days = range(self._calendar.day_of(after), self._calendar.day_of(until) + 1)
        return [end for day in days for end in self._of(day, step) if after < end <= until]

    def _of(self, day: int, step: int) -> list[int]:
        found = self._ends.get((day, step))
        if found is None:
            if len(self._ends) >= KEPT * len(set(self.steps.values())):
                self._ends.clear()
            if step == DAY and self._midnight:
                session = self._calendar.session_on(day) >= 0
                found = [self._calendar.midnight_of(day + 1)] if session else []
            else:
                found = due_ends(self._calendar, step, day, day, self._extended).tolist()
            self._ends[day, step] = found
        return found
