"""Where anybody puts notices for the engine: operators' commands, what feeds say of symbols, news of the account."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from runner.engine.ports import Notice

MOST = 32  # notices of one instant: the world has room for what they write


class Ticket:
    """What becomes of a notice. `at`: the instant (ns UTC) that has taken it, 0 before. `obeyed`: for good."""

    def __init__(self) -> None:
        self.at = 0
        self.obeyed = False
        self._done = threading.Event()

    def settle(self, obeyed: bool) -> None:
        """It has been obeyed and is on the disk, or nobody knows whether it ever will be."""
        self.obeyed = obeyed
        self._done.set()

    def settled(self, timeout: float = 0.0) -> bool:
        """Whether its fate is known; waits `timeout` seconds for it."""
        return self._done.wait(timeout)


class Desk:
    """Notices in the order in which they are posted, from any thread or the handler of a signal (no lock is taken); one
    thread takes them (ports.Desk)."""

    def __init__(self) -> None:
        self.cleared: Callable[[str], str] = str  # takes out of a text what must not be written down
        self._waiting: deque[tuple[Notice, Ticket]] = deque()
        self._taken: list[Ticket] = []

    def post(self, *notices: Notice) -> Ticket:
        """Put notices down, those of one call together; the ticket of the last of them."""
        if not 0 < len(notices) <= MOST:
            raise ValueError(f"1 to {MOST} notices at once")
        tickets = [Ticket() for _ in notices]
        clear = [one._replace(who=self.cleared(one.who), why=self.cleared(one.why)) for one in notices]
        self._waiting.extend(list(zip(clear, tickets, strict=True)))  # of a list: in one piece
        return tickets[-1]

    def waiting(self) -> bool:
        """See ports.Desk."""
        return bool(self._waiting)

    def take(self, now: int) -> list[Notice]:
        """See ports.Desk; the first MOST of them."""
        taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        for _, ticket in taken:
            ticket.at = now
            self._taken.append(ticket)
        return [notice for notice, _ in taken]

    def done(self) -> None:
        """See ports.Desk."""
        self._settle(True)

    def failed(self) -> None:
        """The run has ended, or failed, while it worked on what it had taken; what it had not taken stays in line."""
        self._settle(False)

    def _settle(self, obeyed: bool) -> None:
        for ticket in self._taken:
            ticket.settle(obeyed)
        self._taken.clear()
