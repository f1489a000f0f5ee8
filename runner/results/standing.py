"""How a run at work stands, for people: the answer of the control socket as text."""

from __future__ import annotations

from typing import Any

from runner.market.money import money_text


def standing_text(status: dict[str, Any], folder: str) -> str:
    """A screenful. `status`: what the request `status` answers."""
    lines = [
        f"{status['strategy']} ({status['mode']}): {status['state']}, process {status['pid']}, in {folder}"
    ]
    if "clock" in status:
        lines.append(f"clock      {time_text(status['clock'])} New York")
    if status.get("time"):
        lines.append(f"last       {time_text(status['time'])}")
    if "equity" not in status:
        return "\n".join(lines + _notes(status))
    if status["paused"] is not None:
        lines.append(f"PAUSED     by {status['paused']}")
    if status["flattening"]:
        lines.append("FLATTENING every position is on its way out")
    if status["silent"]:
        lines.append(f"SILENT     {', '.join(status['silent'])}")
    connection = status["connection"]
    if connection is not None:
        there = "connected" if connection["connected"] else "NOT CONNECTED"
        lines.append(
            f"gateway    {there}, {connection['reconnects']} reconnections, {connection['gaps']} gaps"
        )
    lines.append(f"equity     {_money(status['equity'])}, cash {_money(status['cash'])}"
                 + (f", unsettled {_money(status['unsettled'])}" if float(status["unsettled"]) else ""))  # fmt: skip
    for one in status["positions"]:
        leaving = ", leaving" if one["leaving"] else ""
        lines.append(
            f"position   {one['quantity']:+,} {one['symbol']} at {_price(one['average_price'])},"
            f" last {_price(one['last'])}, profit {_money(one['profit'])}{leaving}"
        )
    if not status["positions"]:
        lines.append("positions  none")
    lines += [f"order      {_order(one)}" for one in status["orders"]] or ["orders     none open"]
    lines += [
        f"bar        {symbol} {time_text(bar['end'])} {_price(bar['close'])}"
        for symbol, bar in status["bars"].items()
    ]
    return "\n".join(lines + _notes(status))


def _order(one: dict[str, Any]) -> str:
    named = f" {one['id']}" if one["id"] else ""
    prices = "".join(f" {name} {_price(one[name])}" for name in ("limit", "stop") if one[name] is not None)
    asked = f", {one['asked']} asked" if one["asked"] else ""
    return (
        f"{one['number']}{named} {one['symbol']} {one['quantity']:+,} {one['kind']}{prices},"
        f" {one['filled']:+,} filled, {one['state']}{asked} ({one['purpose']})"
    )


def _notes(status: dict[str, Any]) -> list[str]:
    return [f"note       {line}" for line in status["notes"][-8:]]


def time_text(text: str) -> str:
    """`2026-11-20T09:31:02.123456789-05:00` as the lines of a run have it: `2026-11-20 09:31:02.123`."""
    day, _, rest = text.partition("T")
    clock, _, fraction = rest[: len(rest) - len("-05:00")].partition(".")
    return f"{day} {clock}" + (f".{fraction[:3]}" if fraction else "")


def _price(value: float) -> str:
    text = f"{value:,.4f}"
    return text[:-2] + text[-2:].rstrip("0")


def _money(text: str) -> str:
    return money_text(int(text.replace(".", "")))  # six places
