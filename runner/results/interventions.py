"""What a live run was told or had to bear, as far as it can explain a decision: pauses, silence, missed moments, other documents."""

from __future__ import annotations

from runner.laws import refusals
from runner.market import events
from runner.market.bar import MINUTE
from runner.results.sides import Event, Part

STOPS = (events.PAUSED, events.FLATTEN)  # entries stop until RESUMED
TAKEN_OVER = (events.EPOCH, events.UNWOUND)
MOMENTS = (events.MISSED, events.NOT_SENT, events.RAN_LATE)
HOLES = (events.HOLE, events.BARS_LOST)
BY_ORDER = (refusals.PAUSED, refusals.SILENT)


def standing(part: Part, symbol: str, time: int) -> list[Event]:
    """What was stopped at `time` and had not been let go on: the pause, and the symbol's silence."""
    pause: Event | None = None
    silence: Event | None = None
    for event in part.events:
        if event.time > time:
            break
        if event.kind in STOPS:
            pause = event
        elif event.kind == events.RESUMED:
            pause = None
        elif event.kind == events.SILENT and event.symbol == symbol:
            silence = event
        elif event.kind == events.HEARD and event.symbol == symbol:
            silence = None
    return [one for one in (silence, pause) if one is not None]


def commanded(part: Part, symbol: str, time: int) -> list[Event]:
    """What made the run act by itself: positions left, orders withdrawn, shares or a document taken over; the newest first."""
    near = part.bar.get(symbol, MINUTE)
    out: list[Event] = []
    for event in part.events:
        if event.time > time:
            break
        mine = event.symbol in ("", symbol)
        if event.kind == events.RESUMED:
            out = [one for one in out if one.kind != events.FLATTEN]
        elif event.kind == events.FLATTEN or (event.kind in TAKEN_OVER and mine):
            out.append(event)
        elif event.kind == events.CANCEL_ALL and time - event.time < near:
            out.append(event)
    return out[::-1]


def missed(part: Part, symbol: str, rule: str, time: int) -> list[Event]:
    """The moment was not seen in time, or its order was too old to be sent."""
    near = part.bar.get(symbol, MINUTE)
    return [
        event
        for event in part.events
        if event.kind in MOMENTS
        and abs(event.time - time) < near
        and (event.symbol, event.rule) == (symbol, rule)
    ]


def holes(part: Part, symbol: str, time: int) -> list[Event]:
    """Bars of the symbol that the run never got, the newest first."""
    found = [e for e in part.events if e.kind in HOLES and e.symbol == symbol and e.time <= time]
    return found[::-1]
