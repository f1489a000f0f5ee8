"""Sessions of the exchange as pure arrays. Times are int64 nanoseconds UTC; a session is half open:
its first instant is open, its last is closed. Source: pandas_market_calendars, through adapters/sessions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]


class Calendar(NamedTuple):
    """Sessions in order, and the midnights (New York) of every calendar day they span.

    `date`: days since 1970-01-01 of each session. `open`, `close`: regular hours (an early close is in
    `close`). `pre`, `post`: extended hours, 04:00 and 20:00 New York (17:00 after an early close).
    `first_day`: days since 1970-01-01 of `midnight[0]`; `midnight`: one entry for each calendar day.
    """

    date: Int64s
    open: Int64s
    close: Int64s
    pre: Int64s
    post: Int64s
    first_day: int
    midnight: Int64s

    def session_on(self, day: int) -> int:
        """Index of the session on calendar day `day`, or -1."""
        i = int(np.searchsorted(self.date, day))
        return i if i < len(self.date) and self.date[i] == day else -1

    def next_open(self, t: int) -> int:
        """Index of the first session whose open is at or after `t`; len when there is none."""
        return int(np.searchsorted(self.open, t, "left"))

    def next_close(self, t: int) -> int:
        """Index of the first session whose close is after `t`; len when there is none."""
        return int(np.searchsorted(self.close, t, "right"))

    def is_open(self, t: int) -> bool:
        """Whether `t` is in regular hours."""
        i = int(np.searchsorted(self.open, t, "right")) - 1
        return i >= 0 and t < int(self.close[i])

    def trading_from(self, t: int, extended: bool) -> int:
        """The first instant from `t` on at which there is trading, early and late trading among it when `extended`; `t`
        itself when there is, or when no session follows."""
        opens, closes = (self.pre, self.post) if extended else (self.open, self.close)
        i = int(np.searchsorted(closes, t, "right"))
        return max(t, int(opens[i])) if i < len(opens) else t

    def day_of(self, t: int) -> int:
        """Calendar day (days since 1970-01-01, New York) of instant `t`."""
        i = int(np.searchsorted(self.midnight, t, "right")) - 1
        return self.first_day + i

    def midnight_of(self, day: int) -> int:
        """Instant of 00:00 New York on `day`."""
        return int(self.midnight[day - self.first_day])
