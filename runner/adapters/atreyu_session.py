"""When to log on, to connect anew, and to give up a hole: decided from what was heard, by hours. No input, no output.

Sources: sections 3 to 5 of the protocol sheet. Times are nanoseconds: `instant` of the day (UTC), `elapsed` of a
stopwatch. A session lasts a day; outside extended hours there is none, and none is asked for.
"""

from __future__ import annotations

from typing import Final

from runner.adapters.atreyu_numbers import Row
from runner.adapters.atreyu_settings import AtreyuSettings, Hours
from runner.adapters.atreyu_wire import NO_REPLAY

NOTHING: Final = "nothing"
FORGET: Final = "forget"  # the session is over
LOGON: Final = "logon"
RECONNECT: Final = "reconnect"  # a new subscription, then a logon
SKIP: Final = "skip"  # the hole cannot be filled
LONG_AGO: Final = -(10**18)


def nanoseconds(seconds: float) -> int:
    """Seconds of a setting as nanoseconds."""
    return int(seconds * 1e9)


class Session:
    """What is known of the connection."""

    def __init__(self, settings: AtreyuSettings, hours: Hours) -> None:
        self._hours = hours
        self._silence = nanoseconds(settings.heartbeat_timeout)
        self._interval = nanoseconds(settings.check_interval)
        self._patience = nanoseconds(settings.gap_patience)
        self._replay = nanoseconds(settings.replay_wait)
        self._most = settings.replay_attempts
        self._daily = settings.numbers_begin_daily
        self.id = ""
        self.heard = LONG_AGO  # when the stream was last alive
        self.tried = LONG_AGO  # the last logon that was asked for
        self.answered_at = LONG_AGO  # the instant of the last one that was accepted
        self.lost = False  # the gateway has refused the session: no need to wait for the next look
        self.gap_since: int | None = None
        self._gap_tried = LONG_AGO
        self._gap_logons = 0

    @property
    def quiet(self) -> int:
        """How much silence is too much, ns."""
        return self._silence

    def hear(self, elapsed: int, row: Row) -> None:
        """A message came."""
        self.heard = elapsed
        if not row.broken:
            self.gap_since, self._gap_logons = None, 0
        elif self.gap_since is None:
            self.gap_since = elapsed

    def opened(self, session: str, instant: int, elapsed: int) -> None:
        """A logon was accepted."""
        self.id, self.lost = session, False
        self.heard = elapsed
        self.answered_at = instant

    def refused(self) -> None:
        """The gateway does not know the session any more."""
        self.id, self.lost = "", True

    def due(self, instant: int, elapsed: int, row: Row, doubts: list[int]) -> str:
        """What is to be done now. `doubts`: when each unknown outcome is to be looked into."""
        if not self._hours.extended(instant):
            return FORGET if self.id else NOTHING
        rested = elapsed - self.tried >= self._interval
        if not self.id:
            return RECONNECT if rested or self.lost else NOTHING
        if elapsed - self.heard > self._silence:
            return RECONNECT if rested else NOTHING
        if self.gap_since is not None and elapsed - self.gap_since >= self._patience:
            if elapsed - self._gap_tried >= self._replay:
                return SKIP if self._gap_logons >= self._most else LOGON
            return NOTHING
        if rested and any(self.answered_at < at <= instant for at in doubts):
            return LOGON
        return NOTHING

    def trying(self, elapsed: int) -> None:
        """A logon is about to be asked for."""
        self.tried, self.lost = elapsed, False
        if self.gap_since is not None:
            self._gap_tried = elapsed

    def tried_for_gap(self) -> None:
        """A logon was accepted while something was missing: a replay must come."""
        if self.gap_since is not None:
            self._gap_logons += 1

    def gave_up(self) -> None:
        """The hole is behind: another one is another matter."""
        self.gap_since, self._gap_logons = None, 0

    def since(self, instant: int, row: Row, day: int, known: bool) -> int:
        """The number to log on with. `day`: of the row; `known`: the store has orders of the day."""
        if self._daily and day != self._hours.day(instant):
            return NO_REPLAY
        if row.last is not None:
            return row.last
        return 0 if known else NO_REPLAY
