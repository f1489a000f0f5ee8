"""Which numbered messages have been taken: gaps, repeats, and numbers that begin anew.

Source: section 4 of the protocol sheet. Every message on the stream has a number one above the one before it. What
comes too early waits for the hole to close; what was taken before is dropped; a number that now carries something
else shows that the gateway has begun to count anew.
"""

from __future__ import annotations

from runner.adapters.atreyu_wire import Message

MOST_MARKS = 50_000  # numbers whose content is remembered


class Row:
    """The unbroken row of numbers, and what has come from beyond a gap."""

    def __init__(self, last: int | None = None, newest: int = 0) -> None:
        self.last = last  # the last number of the row; None: the next message begins one
        self.newest = newest  # the newest SendingTime taken, ns UTC
        self.before = 0  # the newest SendingTime of the count before this one
        self.resets = 0
        self.first = 0  # where this row began; 0 for one that goes on
        self._marks: dict[int, bytes] = {}
        self._ahead: dict[int, Message] = {}

    @property
    def broken(self) -> bool:
        """Whether something is missing."""
        return bool(self._ahead)

    @property
    def hole(self) -> tuple[int, int]:
        """First and last missing number (only when broken)."""
        return (self.last or 0) + 1, min(self._ahead) - 1

    def begin(self) -> None:
        """A new day: whatever comes next begins the row."""
        self.last, self.first = None, 0
        self._marks.clear()
        self._ahead.clear()

    def offer(self, message: Message) -> list[Message]:
        """What is to be dealt with now, in order of numbers."""
        number = message.number
        if number is None or (message.repeated and message.sent is not None and message.sent <= self.before):
            return [message]  # the second: a number of the count before this one
        if self.last is None:
            if message.repeated:  # somebody else's replay tells nothing of where the row is
                return [message]
            self.last = number - 1
            self.first = number
        if number == self.last + 1:
            taken = [self._take(message)]
            while (following := self._ahead.pop(self.last + 1, None)) is not None:
                taken.append(self._take(following))
            return taken
        if number > self.last + 1:
            if not message.repeated or number not in self._ahead:
                self._ahead[number] = message
            return []
        return self._below(message, number)

    def skip(self) -> list[Message]:
        """Give up what is missing, and go on behind it."""
        if not self._ahead:
            return []
        number = min(self._ahead)
        self.last = number - 1
        return self.offer(self._ahead.pop(number))

    def _take(self, message: Message) -> Message:
        number = message.number
        assert number is not None
        self.last = number
        self._ahead.pop(number, None)
        self._marks[number] = message.mark
        if len(self._marks) > MOST_MARKS:
            del self._marks[next(iter(self._marks))]
        if message.sent is not None:
            self.newest = max(self.newest, message.sent)
        return message

    def _below(self, message: Message, number: int) -> list[Message]:
        """A number at or below the last one: a repeat, a straggler from before the row, or a new count."""
        if message.repeated:
            return []
        known = self._marks.get(number)
        newer = message.sent is not None and message.sent > self.newest
        if known == message.mark:
            return []
        if known is None and not newer:
            if number >= self.first:
                return []
            self._marks[number] = message.mark
            return [message]
        # What had come from beyond a hole of the old count is taken now: no replay will ever bring it again.
        left = [self._ahead[one] for one in sorted(self._ahead)]
        self.before = max([self.newest, *(one.sent or 0 for one in left)])
        self.resets += 1
        self.last, self.first = 0, 0
        self._marks.clear()
        self._ahead.clear()
        return left + self.offer(message)
