"""`run status`, `pause`, `resume`, `flatten`, `stop`: speaking to a run that is at work."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Any, TextIO

FINE, MISNAMED, OUTSIDE = 0, 2, 3
DONE = {
    "pause": "paused: nothing is opened until it is resumed; exits, protections and cancels go on",
    "resume": "resumed: positions may be opened again",
    "flatten": "flattening: open entries are cancelled, every position is left, and nothing is opened until it is resumed",
    "stop": "stopped",
}


def status(given: str | None, form: str = "text", stream: TextIO | None = None) -> int:
    """Show how a run stands. Returns the exit code."""
    return _spoken(given, "status", {}, 0.0, form, stream or sys.stdout)


def command(
    given: str | None,
    request: str,
    who: str | None,
    why: str,
    wait: float,
    form: str = "text",
    stream: TextIO | None = None,
    **more: Any,
) -> int:
    """Say something to a run, and wait until it has obeyed. Returns the exit code."""
    fields = {"who": who or login(), "why": why, "wait": wait}
    fields |= {name: value for name, value in more.items() if value is not None}
    return _spoken(given, request, fields, wait, form, stream or sys.stdout)


def login() -> str:
    """The name of who is logged in."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return "somebody"


def _spoken(
    given: str | None, request: str, fields: dict[str, Any], seconds: float, form: str, stream: TextIO
) -> int:
    from runner.adapters import control_client as client
    from runner.adapters.coverage import DataFault
    from runner.results.standing import standing_text, time_text

    try:
        folder = found(given)
        answer = client.ask(folder, request, fields, seconds)
    except DataFault as fault:
        print(fault, file=sys.stderr)
        return OUTSIDE
    answer = {name: value for name, value in answer.items() if name not in ("ok", "version")}
    if form == "json":
        print(json.dumps(answer | {"folder": str(folder)}, indent=2), file=stream)
    elif request == "status":
        print(standing_text(answer["status"], str(folder)), file=stream)
    elif answer["taken"]:
        print(f"{DONE[request]} ({time_text(answer['time'])}, in the journal)", file=stream)
    else:
        print(f"{request}: {answer['message']}", file=stream)
    return FINE if request == "status" or answer["taken"] or answer.get("ended") else OUTSIDE


def found(given: str | None) -> Path:
    """The state folder that is meant: a folder, the name of a strategy, or the only run at work below runs/. Raises
    `DataFault`."""
    from runner.adapters import control_client as client
    from runner.adapters.coverage import DataFault
    from runner.adapters.output import ROOT

    root = Path(ROOT)
    if given is not None and (Path(given).is_dir() or "/" in given):
        if not Path(given).is_dir():
            raise DataFault(
                f"{given} is no folder: name the state folder of a run (such as {ROOT}/NAME/live)"
            )
        inside = [path for path in (Path(given) / mode for mode in ("live", "paper")) if path.is_dir()]
        running = client.at_work_among(inside)
        return running[0] if len(running) == 1 else Path(given)
    running = [path for path in client.at_work(root) if given in (None, path.parent.name)]
    if len(running) == 1:
        return running[0]
    named = f" named {given}" if given is not None else ""
    if not running:
        others = ", ".join(str(path) for path in client.at_work(root))
        there = f"at work: {others}" if others else "a run with --out DIR: name DIR"
        raise client.NotRunning(f"no live or paper run{named} is at work below {root}/ ({there})")
    places = ", ".join(str(path) for path in running)
    raise DataFault(f"several runs are at work: {places}; name the one you mean")
