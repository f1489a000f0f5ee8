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
        lines.append(f"clock      {status['clock']}")
    if status.get("time"):
        lines.append(f"last       {status['time']}")
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
            f"position   {one['quantity']:+,} {one['symbol']} at {one['average_price']:,.4f}, last {one['last']:,.4f},"
            f" {_money(one['profit'])}{leaving}"
        )
    if not status["positions"]:
        lines.append("positions  none")
    lines += [f"order      {_order(one)}" for one in status["orders"]] or ["orders     none open"]
    lines += [
        f"bar        {symbol} {bar['end']} {bar['close']:,.4f}" for symbol, bar in status["bars"].items()
    ]
    return "\n".join(lines + _notes(status))


def _order(one: dict[str, Any]) -> str:
    named = f" {one['id']}" if one["id"] else ""
    prices = "".join(f" {name} {one[name]:,.4f}" for name in ("limit", "stop") if one[name] is not None)
    asked = f", {one['asked']} asked" if one["asked"] else ""
    return (
        f"{one['number']}{named} {one['symbol']} {one['quantity']:+,} {one['kind']}{prices},"
        f" {one['filled']:+,} filled, {one['state']}{asked} ({one['purpose']})"
    )


def _notes(status: dict[str, Any]) -> list[str]:
    return [f"note       {line}" for line in status["notes"][-8:]]


def _money(text: str) -> str:
    return money_text(int(text.replace(".", "")))  # six places
