"""What a live run says of itself: what it trades with, since when, how far it has come, whether it is at work."""

from __future__ import annotations

from typing import Any

from runner.results.times import SECOND, iso, moment

AT_WORK, ENDED, CUT_OFF = "at work", "ended", "ended without warning"
MODES = {"live": "live", "paper": "paper", "dry_run": "dry run"}


UNKNOWN_TALLIES = "What became of the rules' bars is written at the end of each session: it is not known yet."


def mode(header: dict[str, Any]) -> str:
    """`live`, `paper`, `dry_run`; `backtest` where nothing is said."""
    return str(header.get("mode", "backtest"))


def state(header: dict[str, Any]) -> str:
    """How a live run stands."""
    runs = header.get("runs") or [{}]
    if runs[-1].get("ended"):
        return ENDED
    return AT_WORK if header.get("running") else CUT_OFF


def rows(header: dict[str, Any]) -> list[tuple[str, str]]:
    """Labels and texts for the summary; none of a backtest."""
    if mode(header) == "backtest":
        return []
    runs = header.get("runs") or []
    stands = state(header)
    why = str(runs[-1].get("why") or "") if runs and stands == ENDED else ""
    restarts = len(runs) - 1
    again = f", started again {restarts} time{'s' if restarts > 1 else ''}" if restarts > 0 else ""
    return [
        ("Run", f"{MODES.get(mode(header), mode(header))}, {stands}{f' ({why})' if why else ''}{again}"),
        ("Known", f"{_second(header['start'])} to {_second(header['end'])} New York"),
    ]


def _second(instant: int) -> str:
    return moment(int(instant) // SECOND * SECOND)


def as_of(header: dict[str, Any], marks: Any) -> str:
    """When the equity of a live run was marked, if that was before the newest instant; empty of a backtest."""
    if mode(header) == "backtest":
        return ""
    if not len(marks):
        return " (not marked yet)"
    newest = int(marks["time"][-1])
    return f" (marked at {_second(newest)})" if newest < int(header["end"]) else ""


def plain(header: dict[str, Any]) -> dict[str, Any] | None:
    """The same for results.json; None of a backtest."""
    if mode(header) == "backtest":
        return None
    return {
        "mode": mode(header),
        "state": state(header),
        "from": iso(header["start"]),
        "until": iso(header["end"]),
        "starts": [
            {
                "started": iso(one["started"]),
                "ended": iso(one["ended"]) if one.get("ended") else None,
                "why": str(one.get("why") or ""),
                "version": str(one.get("version") or ""),
            }
            for one in header.get("runs") or []
        ],
    }
