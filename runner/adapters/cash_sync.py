"""The daily cash sync: from 07:45 New York time on, once each trading day, the account's cash is compared with the run's.

What differs is a deposit or a withdrawal. Facts: LEAN's Brokerage.PerformCashSync and BrokerageTransactionHandler
(never within 10 s of a fill, and once more when one comes soon after; the fifth failure stops the algorithm; cash that has
not settled is no difference). Better here: nothing is overwritten, a failure loses nothing, and an amount that a fill may
have made stale is not compared.

It is driven by the engine's own thread while the world is at rest, so that what is compared stands still. Only the reading
of the source, which may take long, is a thread of its own.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from runner.adapters import cash_source
from runner.adapters.cash_source import Said, SourceFault
from runner.engine.cash_flows import BY_CASH_SYNC
from runner.engine.ports import Notice
from runner.engine.state import World
from runner.language.spec_live import LiveSpec
from runner.market import events
from runner.market.calendar import Calendar
from runner.market.money import money_text, to_micros

WHO = "cash sync"
SECOND = 1_000_000_000
AGAIN = 30 * SECOND  # after a failure, until the fifth
LATER = 300 * SECOND  # after the fifth
AHEAD = 60 * SECOND  # how far a source's clock may be ahead of ours


class Cash(NamedTuple):
    """The run's cash, millionths: settled, and what has not settled; when it was last traded (ns UTC, 0 never)."""

    settled: int
    unsettled: int
    last_fill: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.settled + self.unsettled


def cash_of(world: World) -> Cash:
    """The run's cash as the world has it; at rest only."""
    account = world.account[0]
    return Cash(int(account.cash), int(account.unsettled), int(account.last_fill))


class Stale(Exception):  # noqa: N818
    """The source speaks of another time than the one that is to be compared."""


def difference(
    said: Said, run: Cash, rates: Mapping[str, float], others: Mapping[str, int]
) -> tuple[int, list[str]]:
    """What came (above zero) or went since the run's book, in millionths of a dollar, and currencies that count nothing.

    `rates`: dollars for one of a currency; `others`: millionths of each that the run began with, which count where the
    source does not name them. Without `USD` in it the source is no account's: raises `SourceFault`."""
    if "USD" not in said.amounts:
        raise SourceFault("it has no amount of USD")
    total = said.amounts["USD"] + (run.unsettled if said.settled else 0)
    unvalued = []
    for code, amount in ({**others, **said.amounts}).items():
        if code == "USD":
            continue
        if code in rates:
            total += round(amount * rates[code])
        elif amount:
            unvalued.append(code)
    return total - run.total, sorted(unvalued)


class CashSync:
    """`look` is called often, by the engine's thread. `read`: the source, None for the run's own book. `post` takes
    notices for the engine, `said` lines for people. `inline`: the source is read at once, for a clock that jumps."""

    def __init__(
        self,
        plan: LiveSpec,
        cash_account: bool,
        world: World,
        calendar: Calendar,
        read: Callable[[], Said] | None,
        post: Callable[[Notice], object],
        said: Callable[[str], None],
        inline: bool = False,
    ) -> None:
        self._plan, self._world, self._calendar = plan.cash_sync, world, calendar
        self._read, self._post, self._said, self._inline = read, post, said, inline
        rated = [] if cash_account else [one for one in plan.currencies if one[2] is not None]
        self._rates = {code: rate for code, _, rate in rated if rate is not None}
        self._others = {code: to_micros(amount) for code, amount, _ in rated}
        self._next = 0  # ns before which nothing is tried
        self._reading = False
        self._answers: queue.SimpleQueue[Said | str] = queue.SimpleQueue()
        self._held: Said | None = None  # read, and to be compared once nothing was filled for a while
        self._failures = 0
        self._done = self._put_off = -1  # days: the last that is done, and was put off

    def look(self, now: int) -> None:
        """Do what is due at `now` (ns UTC). Cheap when nothing is."""
        if self._reading:
            if not self._answers.empty():
                self._reading = False
                self._answered(self._answers.get(), now)
        elif self._held is not None:
            if now >= self._next:
                self._compare(self._held, now)
        elif now >= self._next and self._due(now):
            self._begin(now)

    def _due(self, now: int) -> bool:
        """Whether today is a trading day whose sync is still to be done, and its time has come."""
        day = self._calendar.day_of(now)
        synced = int(self._world.account[0].synced)  # before a restart
        if (
            day == self._done
            or (synced and day == self._calendar.day_of(synced))
            or self._calendar.session_on(day) < 0
        ):
            return False
        hours, minutes = (int(part) for part in self._plan.at.split(":"))
        return now >= self._at(day, hours * 60 + minutes)

    def _at(self, day: int, minutes: int) -> int:
        """A time of day in New York, of a trading day: clocks change on Sundays."""
        return self._calendar.midnight_of(day) + minutes * 60 * SECOND

    def _begin(self, now: int) -> None:
        if self._read is None:
            run = cash_of(self._world)
            self._post(Notice(events.CASH_SYNCED, -1, run.total, 0.0, WHO, "the run's own book"))
            self._finish(now)
        elif self._inline:
            self._answered(self._ask(self._read), now)
        else:
            self._reading = True
            threading.Thread(target=self._work, args=(self._read,), name=WHO, daemon=True).start()

    def _work(self, read: Callable[[], Said]) -> None:
        answer: Said | str = "a fault of the runner's own"  # a failed reading ends nothing
        try:
            answer = self._ask(read)
        finally:
            self._answers.put(answer)

    def _ask(self, read: Callable[[], Said]) -> Said | str:
        try:
            return read()
        except SourceFault as fault:
            return str(fault)

    def _answered(self, answer: Said | str, now: int) -> None:
        if isinstance(answer, str):
            self._failed(answer, now)
            return
        try:
            self._check(answer, now)
        except Stale as fault:
            self._failed(str(fault), now)
            return
        self._held = answer
        self._compare(answer, now)

    def _check(self, answer: Said, now: int) -> None:
        """Amounts are of now, not of a day before: after the close of the last session, and not of the future."""
        i = int(self._calendar.close.searchsorted(now, "right")) - 1
        if i >= 0 and answer.as_of < int(self._calendar.close[i]):
            raise Stale("its time is before the last session's close: it is old")
        if answer.as_of > now + AHEAD:
            raise Stale("its time is in the future")

    def _compare(self, answer: Said, now: int) -> None:
        """Compare, unless something was filled near the time of the amounts: they may hold it or not."""
        quiet = round(self._plan.quiet * SECOND)
        run = cash_of(self._world)
        if now < answer.as_of + quiet:
            self._next = answer.as_of + quiet
            return
        if run.last_fill and run.last_fill > answer.as_of - quiet:
            self._held = None
            self._next = now + AGAIN  # put off, not failed: a newer answer will be of a quiet time
            if self._put_off != self._calendar.day_of(now):
                self._put_off = self._calendar.day_of(now)
                self._said(
                    "cash sync: put off, since something was filled near the time of the amounts or after it"
                )
            return
        self._held = None
        try:
            moved, unvalued = difference(answer, run, self._rates, self._others)
        except SourceFault as fault:
            self._failed(str(fault), now)
            return
        source = "a file" if self._plan.source == "file" else "a command"
        if unvalued:
            self._said(
                f"cash sync: {', '.join(unvalued)} count nothing, since live.initial.currencies has no rate of them"
            )
        if moved:
            kind = events.DEPOSIT if moved > 0 else events.WITHDRAWAL
            self._said(
                f"cash sync: {'deposit of' if moved > 0 else 'withdrawal of'} {money_text(abs(moved))}"
            )
            self._post(Notice(kind, -1, abs(moved), 0.0, WHO, source))
        self._post(Notice(events.CASH_SYNCED, -1, run.total + moved, 0.0, WHO, source))
        self._finish(now)

    def _finish(self, now: int) -> None:
        self._done = self._calendar.day_of(now)
        self._failures = 0
        self._next = 0
        if self._world.controls[0].unsure:
            self._said("cash sync: it works again")
            self._post(Notice(events.RESUMED, -1, BY_CASH_SYNC, 0.0, WHO, "it works again"))

    def _failed(self, why: str, now: int) -> None:
        self._held = None
        self._failures += 1
        most = self._plan.failures
        self._next = now + (AGAIN if self._failures < most else LATER)
        self._said(f"cash sync failed ({self._failures} of {most}): {why}")
        if self._failures == most:
            text = f"it failed {most} times in a row, entries stop and exits go on; the last time: {why}"
            self._post(Notice(events.PAUSED, -1, BY_CASH_SYNC, 0.0, WHO, text))


def source_of(plan: LiveSpec, folder: Path, environment: Mapping[str, str]) -> Callable[[], Said] | None:
    """What reads the account's cash as the document says; None for the run's own book. `folder`: the strategy's own."""
    sync = plan.cash_sync
    if sync.source == "file":
        return lambda: cash_source.from_file(folder / sync.path)
    if sync.source == "command":
        return lambda: cash_source.from_command(environment)
    return None
