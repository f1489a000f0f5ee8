"""`live` and `data.live`: how a strategy runs live, and where its bars come from then."""

from __future__ import annotations

import re
from typing import Any

from runner.language import units
from runner.language.problems import KEY, Path, quoted
from runner.language.reading import Reading, check_symbol
from runner.language.scalars import number_text
from runner.language.schema import node_at
from runner.language.spec_live import CashSync, Feed, Held, LiveSpec, Restart
from runner.language.wording import example

_PATH: Path = ("live",)
_ADDRESS = re.compile(r"tcp://[^\s/:@]+:([0-9]{1,5})|tcp://\[[0-9A-Fa-f:]+\]:([0-9]{1,5})|ipc://\S+")
_CREDENTIALS = re.compile(r"//[^/]*@|[?&;]")
_MINUTE, _HOUR = 60.0, 3600.0
# The most and, in brackets, the least that a duration may be; seconds.
_BOUNDS = {
    "fill_wait": (0.0, 10 * _MINUTE),
    "bar_wait": (0.0, 10 * _MINUTE),
    "late_after": (0.1, _HOUR),
    "clock_warn": (0.001, _HOUR),
    "clock_stop": (0.001, _HOUR),
    "quiet": (0.0, _HOUR),
    "first_pause": (0.1, _HOUR),
    "longest_pause": (0.1, 24 * _HOUR),
    "quiet_after": (1.0, 24 * _HOUR),
    "request_timeout": (0.1, _HOUR),
    "heartbeat_timeout": (1.0, _HOUR),
    "check_interval": (0.1, _HOUR),
    "connect_timeout": (0.1, _HOUR),
    "reconnect_pause": (0.0, _HOUR),
    "gap_patience": (0.0, _HOUR),
    "replay_wait": (0.1, _HOUR),
    "late_reply": (0.0, _HOUR),
    "resolve_after": (0.0, _HOUR),
    "settle": (0.0, _HOUR),
}


def read_live(data: dict[str, Any], symbols: tuple[str, ...], account: str, out: Reading) -> LiveSpec:
    """The settings of live runs. `symbols`: all of the run; `account`: margin or cash."""
    block = data.get("live") or {}
    initial = block.get("initial") or {}
    spec = LiveSpec(
        cash=None if initial.get("cash") is None else float(initial["cash"]),
        currencies=_currencies(initial.get("currencies") or [], out),
        holdings=_holdings(initial.get("holdings") or [], symbols, account, out),
        empty=initial.get("holdings") == [],
        account=block.get("account") or "exclusive",
        max_equity=float(block.get("max_equity") or 0.0),
        on_mismatch=block.get("on_mismatch") or "refuse",
        fill_wait=_seconds(block, _PATH, "fill_wait", 5.0, out),
        bar_wait=_seconds(block, _PATH, "bar_wait", 2.0, out),
        stale_after=int(block.get("stale_after") or 3),
        divergence=out.number(block.get("divergence"), (*_PATH, "divergence"), units.PERCENT, 0.001),
        late_after=_seconds(block, _PATH, "late_after", 60.0, out),
        clock_warn=_seconds(block, _PATH, "clock_warn", 2.0, out),
        clock_stop=_seconds(block, _PATH, "clock_stop", 30.0, out),
        cash_sync=_cash_sync(block.get("cash_sync") or {}, out),
        restart=_restart(block.get("restart"), out),
        on_stop=block.get("on_stop") or "leave",
        gateway=_gateway(block.get("gateway") or {}, out),
    )
    if spec.max_equity and spec.account != "shared" and _PATH not in out.damaged:
        message = "'max_equity' is of an account that is shared"
        out.fault((*_PATH, "max_equity", KEY), message, "write account: shared, or delete it")
    if spec.clock_warn > spec.clock_stop:
        key = "clock_stop" if block.get("clock_stop") is not None else "clock_warn"
        message = "entries would stop before the clock is said to be wrong: 'clock_warn' is longer than 'clock_stop'"
        out.fault((*_PATH, key), message, "exchange them, or write both")
    return spec


def read_feeds(block: dict[str, Any], resolutions: set[str], out: Reading) -> tuple[Feed, ...]:
    """The feeds of `data.live`. `resolutions`: those of the run's bars."""
    found: list[Feed] = []
    for i, item in enumerate(block.get("live") or []):
        path: Path = ("data", "live", i)
        if not item:
            continue
        kind = item if isinstance(item, str) else next(iter(item))
        value = {} if isinstance(item, str) else item[kind]
        at = path if isinstance(item, str) else (*path, kind, KEY)
        if any(feed.kind == kind for feed in found):
            out.fault(at, f"{quoted(kind)} stands in the list twice", "keep one of the two")
        if kind == "alpaca" and "1s" in resolutions:
            message = "Alpaca's bars are minutes, and those of this run are of 1s"
            out.fault(at, message, "use bars of 1m or longer, or another feed")
        if kind == "replay" and len(block["live"]) > 1:
            message = "'replay' plays the past on a clock of its own, and stands alone"
            out.fault(at, message, "delete it, or the others")
        written = {"path": value} if isinstance(value, str) else value or {}
        found.append(Feed(kind, _feed(kind, written, (*path, kind), out)))
    return tuple(found)


def _feed(kind: str, written: dict[str, Any], path: Path, out: Reading) -> dict[str, Any]:
    settings = {key: value for key, value in written.items() if value is not None}
    if kind == "zeromq":
        _zeromq(settings, path, out)
    if _CREDENTIALS.search(settings.get("url", "")):
        message = "'url' holds a user, a password or a key"
        out.fault((*path, "url"), message, "delete that part: credentials come from the environment")
    if "speed" in settings:
        settings["speed"] = float(settings["speed"])
    if "quiet_after" in settings:
        settings["quiet_after"] = _seconds(written, path, "quiet_after", 0.0, out)
    return settings


def _zeromq(settings: dict[str, Any], path: Path, out: Reading) -> None:
    address = settings.get("address")
    if address is not None:
        found = _ADDRESS.fullmatch(address)
        port = found and (found.group(1) or found.group(2))
        if found is None or (port and not 0 < int(port) < 65536):
            shown = "not shown, since it has an @" if "@" in address else quoted(address)
            cure = node_at((*path, "address"))["x-cure"]
            out.fault((*path, "address"), f"'address' is {shown}, no address of a socket", cure)
        elif address.startswith("tcp://*") and not settings.get("bind"):
            message = "'address' names every interface, and the run connects to it"
            out.fault((*path, "address"), message, "write the sender's address, or bind: true")
    if settings.get("socket") == "pull" and "topic" in settings:
        message = "a pull socket takes every message: it has no topic"
        out.fault((*path, "topic", KEY), message, "delete it, or write socket: sub")


def _seconds(block: dict[str, Any], path: Path, key: str, default: float, out: Reading) -> float:
    """A duration in seconds, inside its bounds."""
    if block.get(key) is None:
        return default
    seconds = out.duration(block[key], (*path, key), round(default * units.SECOND)) / units.SECOND
    least, most = _BOUNDS[key]
    if not least <= seconds <= most:
        low, high = (units.duration_text(round(bound * units.SECOND)) for bound in (least, most))
        shown = units.duration_text(round(seconds * units.SECOND))
        message = f"{quoted(key)} is {shown}: from {low} to {high} is expected"
        out.fault((*path, key), message, f"write a duration such as {example(node_at((*path, key)))}")
        return default
    return seconds


def _currencies(items: list[Any], out: Reading) -> tuple[tuple[str, float, float | None], ...]:
    found: dict[str, tuple[str, float, float | None]] = {}
    for i, item in enumerate(items):
        path: Path = (*_PATH, "initial", "currencies", i)
        code, amount = (item or {}).get("currency"), (item or {}).get("amount")
        if code is None or amount is None:
            continue
        if code == "USD":
            out.fault(
                (*path, "currency"),
                "US dollars stand as 'cash'",
                f"write initial: {{cash: {number_text(amount)}}}",
            )
        elif code in found:
            out.fault((*path, "currency"), f"{quoted(code)} stands in the list twice", "keep one of the two")
        else:
            rate = item.get("rate")
            found[code] = (code, float(amount), None if rate is None else float(rate))
    return tuple(found.values())


def _holdings(items: list[Any], symbols: tuple[str, ...], account: str, out: Reading) -> tuple[Held, ...]:
    found: dict[str, Held] = {}
    for i, item in enumerate(items):
        path: Path = (*_PATH, "initial", "holdings", i)
        symbol, quantity, price = ((item or {}).get(key) for key in ("symbol", "quantity", "average_price"))
        check_symbol(symbol, (*path, "symbol"), symbols, out)
        if quantity == 0:
            out.fault((*path, "quantity"), "a holding of no shares is none", "delete it")
        if quantity is not None and quantity < 0 and account == "cash":
            cure = "write a number above zero, or brokerage: {account: margin}"
            out.fault((*path, "quantity"), f"a cash account cannot be short of {symbol or 'shares'}", cure)
        if symbol in found:
            out.fault((*path, "symbol"), f"{quoted(symbol)} stands in the list twice", "keep one of the two")
        elif symbol is not None:
            found[symbol] = Held(symbol, int(quantity or 0), float(price or 0.0), item.get("id") or "")
    return tuple(found.values())


def _cash_sync(block: dict[str, Any], out: Reading) -> CashSync:
    path: Path = (*_PATH, "cash_sync")
    source, file = block.get("from") or "book", block.get("path")
    if source == "file" and file is None:
        cure = "write cash_sync: {from: file, path: cash.txt}"
        out.lacking(path, "the cash is read from a file, and none is named", cure, (*path, KEY))
    elif source != "file" and file is not None and path not in out.damaged:
        whence = "the run's own book" if source == "book" else "a command"
        message = f"'path' is of from: file, and the cash comes from {whence}"
        out.fault((*path, "path", KEY), message, "write from: file, or delete it")
    return CashSync(
        source=source,
        path=file or "",
        at=(block.get("at") or "07:45").rjust(5, "0"),
        quiet=_seconds(block, path, "quiet", 10.0, out),
        failures=int(block.get("failures") or 5),
    )


def _restart(value: Any, out: Reading) -> Restart:
    if not isinstance(value, dict):
        return Restart(on_failure=value == "on_failure")
    block, path = value.get("on_failure") or {}, (*_PATH, "restart", "on_failure")
    first = _seconds(block, path, "first_pause", 5.0, out)
    longest = _seconds(block, path, "longest_pause", max(300.0, first), out)
    if first > longest:
        out.fault((*path, "first_pause"), "'first_pause' is longer than 'longest_pause'", "exchange them")
    return Restart(True, first, longest, int(block.get("most") or 10))


def _gateway(block: dict[str, Any], out: Reading) -> dict[str, Any]:
    """What is written, with durations in seconds and lists as tuples."""
    path: Path = (*_PATH, "gateway")
    found: dict[str, Any] = {}
    for key, value in block.items():
        if value is None:
            continue
        if key in _BOUNDS:
            found[key] = _seconds(block, path, key, 0.0, out)
        elif isinstance(value, list):
            found[key] = tuple(word for word in value if word is not None)
        else:
            found[key] = value
    check, limit = (
        found.get(key, units.duration(node_at((*path, key))["default"]) / units.SECOND)
        for key in ("check_interval", "heartbeat_timeout")
    )
    if check > limit:
        key = "check_interval" if "check_interval" in found else "heartbeat_timeout"
        shown = units.duration_text(round(check * units.SECOND))
        if key == "check_interval":
            out.fault(
                (*path, key),
                f"'check_interval' is {shown}, longer than 'heartbeat_timeout'",
                "write a shorter time: a dead connection is seen only when it is looked at",
            )
        else:
            out.fault(
                (*path, key),
                f"'heartbeat_timeout' is shorter than 'check_interval', which is {shown}",
                "write check_interval as well, with a shorter time",
            )
    return found
