"""What somebody must be told is handed to a program of the operator's, which may send a mail or ring a telephone."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Self

from runner.adapters import child
from runner.adapters.child import ChildFault
from runner.adapters.credentials import blanked

COMMAND = "RUNNER_NOTIFY_COMMAND"
TIMEOUT = 30.0  # seconds that the program may take
MOST = 200  # texts that may wait; beyond them the newest are counted, not told
LAST = 5.0  # seconds that the end of a run waits for what has not been told


class Notifier:
    """Runs the program that `environment` names, once for each text, with the text on its standard input.

    It runs in a thread of its own: nobody waits for it, and its failures end nothing. `name` stands before each text;
    `said` hears once in a row of failures that nobody could be told. Without a program, nothing is done.
    """

    def __init__(self, environment: Mapping[str, str], name: str, said: Callable[[str], None]) -> None:
        self._environment, self._name, self._said = environment, name, said
        self._command = environment.get(COMMAND, "").strip()
        self._texts: queue.Queue[str | None] = queue.Queue(MOST)
        self._lock = threading.Lock()
        self._lost = 0
        self._failing = False
        self._thread: threading.Thread | None = None

    def tell(self, text: str) -> None:
        """Tell somebody, soon. Never waits, never raises."""
        if not self._command:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="notify", daemon=True)
                self._thread.start()
            try:
                self._texts.put_nowait(blanked(f"{self._name}: {text}\n", self._environment))
            except queue.Full:
                self._lost += 1

    def close(self, seconds: float = LAST) -> None:
        """Wait a little for what has not been told yet."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            try:
                self._texts.put(None, timeout=seconds)
            except queue.Full:
                return
            thread.join(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _: object) -> None:
        """A failure that leaves the block is told too."""
        if kind is not None and issubclass(kind, Exception):
            self.tell(f"the run failed, and is not started again: {kind.__name__}: {fault}")
        self.close()

    def _work(self) -> None:
        while (text := self._texts.get()) is not None:
            with self._lock:
                lost, self._lost = self._lost, 0
            if lost:
                text += f"{self._name}: {lost} more were not told, since the program is too slow\n"
            try:
                child.run(self._command, self._environment, TIMEOUT, text.encode())
                self._failing = False
            except ChildFault as fault:
                if not self._failing:
                    self._said(f"nobody could be told: {COMMAND}: {fault}")
                self._failing = True
