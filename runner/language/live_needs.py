"""What a live start needs of a document that a backtest does not."""

from __future__ import annotations

from runner.language.problems import Fault
from runner.language.spec import Spec


def lacking(spec: Spec) -> list[Fault]:
    """Why `--live` cannot trade the strategy; empty when it can."""
    found = []
    if spec.brokerage != "atreyu":
        message = f"--live trades through Atreyu's gateway, and the brokerage is {spec.brokerage}"
        found.append(Fault(("brokerage", "name"), message, "write brokerage: atreyu, or start with --paper"))
    elif spec.settings["when_closed"] == "market_on_open":
        message = "a market order decided while the market is closed becomes a market-on-open order, which the gateway does not take"
        found.append(
            Fault(("brokerage", "when_closed"), message, "write brokerage: {..., when_closed: queue}")
        )
    if spec.live.cash is None:
        message = "--live needs the account's cash, which the gateway does not say"
        found.append(Fault(("live", "initial"), message, "write live: {initial: {cash: 100000}}"))
    if not spec.data.live:
        message = "--live needs a feed of bars: Atreyu sends no prices"
        found.append(Fault(("data",), message, "write data: {live: [alpaca]}, or another feed"))
    for i, feed in enumerate(spec.data.live):
        if feed.kind == "replay":
            message = "'replay' plays the past, and --live sends orders now"
            found.append(Fault(("data", "live", i), message, "write another feed, or start with --paper"))
    return found
