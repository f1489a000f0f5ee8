"""How much of equity was in the market, at every mark of the account."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from runner.market.events import Journal


class Exposures(NamedTuple):
    """Ratios to equity at each mark with equity above zero: `gross` is long plus short, `net` long less short;
    `short` is negative. `times`: ns."""

    times: np.ndarray
    gross: np.ndarray
    net: np.ndarray
    long: np.ndarray
    short: np.ndarray


def exposures(journal: Journal) -> Exposures:
    """From the marks after the start of the run."""
    marks = journal.marks[
        (journal.marks["time"] > int(journal.header["start"])) & (journal.marks["equity"] > 0)
    ]
    equity = marks["equity"].astype(float)
    long, short = marks["long_value"] / equity, marks["short_value"] / equity
    return Exposures(marks["time"], long - short, long + short, long, short)
