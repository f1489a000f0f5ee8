"""What may be asked of a run over its control socket, and what comes of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from runner.adapters import control_protocol as protocol
from runner.adapters.control_protocol import BAD_FIELD, ENDED, Refused
from runner.adapters.control_server import ControlServer
from runner.adapters.desk import Desk
from runner.engine.ports import Notice
from runner.market import events
from runner.operate.standing import Standing
from runner.results.times import iso

MOST_WHO, MOST_WHY = 100, 500  # letters
WAIT, MOST_WAIT = 10.0, 60.0  # s
STEP = 0.25  # s between two looks whether the run has ended meanwhile


class Control:
    """The requests of one run. `stopping` is told why, as soon as a stop is asked for; `cancels`: whether a stop that does
    not say so withdraws the open orders."""

    def __init__(
        self, desk: Desk, standing: Standing, stopping: Callable[[str], None], cancels: bool
    ) -> None:
        self._desk = desk
        self._standing = standing
        self._stopping = stopping
        self._cancels = cancels
        self.requests: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "status": self.status,
            "pause": lambda fields: self.command(fields, events.PAUSED),
            "resume": lambda fields: self.command(fields, events.RESUMED),
            "flatten": lambda fields: self.command(fields, events.FLATTEN),
            "stop": self.stop,
        }

    def status(self, fields: dict[str, Any]) -> dict[str, Any]:
        """How the run stands."""
        none_other(fields)
        return {"status": self._standing.latest()}

    def command(self, fields: dict[str, Any], *kinds: int) -> dict[str, Any]:
        """Notices of `kinds` from whoever asks; what became of the last."""
        who, why = words(fields, "who", MOST_WHO), words(fields, "why", MOST_WHY)
        if not who:
            raise Refused(BAD_FIELD, "who: the name of who says so is needed")
        wait = seconds(fields)
        none_other(fields)
        return self.post(wait, *(Notice(kind, who=who, why=why) for kind in kinds))

    def stop(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The run ends; `cancel_orders` withdraws the open orders first."""
        cancel = fields.pop("cancel_orders", None)
        if cancel is not None and not isinstance(cancel, bool):
            raise Refused(BAD_FIELD, "cancel_orders: true or false")
        kinds = (events.CANCEL_ALL, events.STOPPED)
        return self.command(fields, *(kinds if (self._cancels if cancel is None else cancel) else kinds[1:]))

    def post(self, wait: float, *notices: Notice) -> dict[str, Any]:
        """Post notices, and wait for the engine: `taken` once they are obeyed and in the journal, at `time`."""
        if self._standing.state in ("ended", "stopping"):
            raise Refused(ENDED, "the run is about to end")
        ticket = self._desk.post(*notices)
        last = notices[-1]
        if last.kind == events.STOPPED:
            self._stopping(": ".join(word for word in (last.who, last.why) if word))
        left = wait
        while not ticket.settled(min(STEP, max(left, 0.0))):
            left -= STEP
            if left <= 0.0:
                return {"taken": False, "message": "the run has not come to it yet: it stays in line"}
            if self._standing.state == "ended":
                break
        if not ticket.obeyed and last.kind == events.STOPPED and not ticket.settled():
            return {
                "taken": False,
                "ended": True,
                "message": "it was waiting to be started again, and has ended",
            }
        if not ticket.obeyed:
            raise Refused(ENDED, "the run ended, or failed, before it said that it obeyed: its journal tells")
        return {"taken": True, "time": iso(ticket.at)}


def words(fields: dict[str, Any], name: str, most: int) -> str:
    """A text of one line. Raises `Refused`."""
    found = fields.pop(name, "")
    if not isinstance(found, str) or len(found) > most or not found.isprintable():
        raise Refused(BAD_FIELD, f"{name}: a line of text, at most {most} letters")
    return found.strip()


def seconds(fields: dict[str, Any]) -> float:
    """How long the answer may wait for the engine. Raises `Refused`."""
    found = fields.pop("wait", WAIT)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= MOST_WAIT:
        raise Refused(BAD_FIELD, f"wait: seconds, 0 to {MOST_WAIT:g}")
    return float(found)


def none_other(fields: dict[str, Any]) -> None:
    """Raises `Refused` when a request has a field that is not read."""
    if fields:
        raise Refused(BAD_FIELD, f"{min(fields)[:40]!r} is no field of this request")


class Listening:
    """The control socket of a run, and the file that says where it is; until `close`."""

    def __init__(self, folder: Path, control: Control, strategy: str, mode: str) -> None:
        self._folder = folder
        self._server = ControlServer(control.requests)
        self._token = self._server.token
        with ExitStack() as parts:
            parts.callback(self._server.close)
            here = (protocol.VERSION, self._server.address, self._token, os.getpid(), strategy, mode)
            protocol.write(folder, protocol.Address(*here))
            parts.pop_all()

    def close(self) -> None:
        """Nobody is heard any more."""
        protocol.remove(self._folder, self._token)
        self._server.close()
