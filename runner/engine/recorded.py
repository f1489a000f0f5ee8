"""What came to a live run from outside, written down as it comes and heard again after a restart.

The engine decides nothing by itself: the same instants, bars and news, in the same order, make the same world. So a
restart gives it everything that the log holds, and it stands where it stood: positions, orders, indicators, memories of
rules. Nothing is asked of the broker whose asking is not in the log already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from runner.engine.ports import Broker, InputLog, News
from runner.laws.admission import Admitted

DAY, INSTANT, ASKED, NEWS, ANSWERED, HOLE = "day", "instant", "asked", "news", "answered", "hole"
SUBMIT, REPLACE, WITHDRAW, LISTEN = 0, 1, 2, 3
KEPT = 10_000  # serials: more news than ever wait to be acknowledged


class Diverged(Exception):  # noqa: N818
    """The log tells of another run than the one that hears it: another document, other data or another version."""


class Differs(Diverged):
    """A row that is made again is another: `number` (from 1) of `table`, `kept` as it stands there, `made` now."""

    def __init__(self, text: str, table: str, number: int, kept: bytes, made: bytes) -> None:
        super().__init__(text)
        self.table, self.number, self.kept, self.made = table, number, kept, made


class RecordedBroker:
    """A broker whose answers are in the log."""

    def __init__(self, broker: Broker, log: InputLog) -> None:
        self._broker = broker
        self._log = log
        self._heard: set[int] = set()  # serials of the news taken, which need not come in their order

    def state(self) -> list[int]:
        """The broker's newest news that were taken, by their serials: what it may tell again."""
        return sorted(self._heard)[-KEPT:]

    def restore(self, kept: list[int]) -> None:
        """Go on from there."""
        self._heard = set(kept)

    def heard(self, serial: int) -> bool:
        """Whether the broker's news of that number was taken."""
        return serial in self._heard

    def submit(self, admitted: Admitted) -> Iterator[News]:
        """See ports.Broker."""
        return self._answers(SUBMIT, admitted.order, lambda: self._broker.submit(admitted))

    def replace(self, order: int) -> Iterator[News]:
        """See ports.Broker."""
        return self._answers(REPLACE, order, lambda: self._broker.replace(order))

    def withdraw(self, order: int) -> Iterator[News]:
        """See ports.Broker."""
        return self._answers(WITHDRAW, order, lambda: self._broker.withdraw(order))

    def news(self, instant: int) -> Iterator[News]:
        """See ports.Broker."""
        return self._answers(LISTEN, 0, lambda: self._broker.news(instant))

    def _answers(self, what: int, order: int, ask: Callable[[], Iterable[News]]) -> Iterator[News]:
        asked: list[Any] = [ASKED, what, order]
        heard = self._log.recall()
        if heard is None:
            self._log.write(asked)
            if what != LISTEN:
                self._log.commit()  # before the act
        elif heard != asked:
            raise Diverged(f"the log has {heard}, this run {asked}")
        while (heard := self._log.recall()) is not None:
            if heard[0] == ANSWERED:
                return
            if heard[0] != NEWS:
                raise Diverged(f"the log has {heard[0]} in the middle of an answer")
            yield self._taken(News(*heard[1:]))
        for one in ask():  # what a stop cut off is asked again: a broker knows what it was asked before
            if one.serial in self._heard:
                continue  # taken before a restart
            self._log.write([NEWS, *one])
            yield self._taken(one)
        self._log.write([ANSWERED])

    def _taken(self, one: News) -> News:
        if one.serial:
            self._heard.add(one.serial)
        return one
