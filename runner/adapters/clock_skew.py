"""How far the machine's clock is from the gateway's: said beyond one limit, and beyond another entries are paused.

The client measures it at every new message, against its SendingTime; the way of the message is in it. Moments and the ages of
orders go by the machine's clock, so one that is far off makes them wrong: somebody has to set it, and to resume entries.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.engine.ports import Notice
from runner.market.events import PAUSED, TOLD

AGREED, OFF, WRONG = 0, 1, 2
SECOND = 1_000_000_000


def text_of(skew: int) -> str:
    """A difference (ns, the machine's clock less the gateway's) in words."""
    side = "ahead of" if skew > 0 else "behind"
    return f"the machine's clock is {abs(skew) / SECOND:.1f} s {side} the gateway's"


class ClockWatch:
    """`skew`: the newest difference (ns), None before the first; `warn`, `stop`: seconds. `look` is called now and then."""

    def __init__(
        self, skew: Callable[[], int | None], post: Callable[[Notice], object], warn: float, stop: float
    ) -> None:
        self._skew = skew
        self._post = post
        self._warn = int(warn * SECOND)
        self._stop = int(stop * SECOND)
        self._state = AGREED

    def look(self) -> None:
        """Say what has changed. It must come back to half of a limit before the limit is said again."""
        skew = self._skew()
        if skew is None:
            return
        size = abs(skew)
        if size > self._stop and self._state != WRONG:
            self._state = WRONG
            why = f"{text_of(skew)}: entries stop until they are resumed"
            self._post(Notice(PAUSED, who="clock", why=why))
        elif size > self._warn and self._state == AGREED:
            self._state = OFF
            self._post(Notice(TOLD, who="clock", why=text_of(skew)))
        elif size <= self._stop // 2 and self._state == WRONG:
            self._state = OFF if size > self._warn // 2 else AGREED
            self._post(Notice(TOLD, who="clock", why=f"{text_of(skew)}: entries may be resumed"))
        elif size <= self._warn // 2 and self._state == OFF:
            self._state = AGREED
            self._post(Notice(TOLD, who="clock", why="the machine's clock agrees with the gateway's again"))
