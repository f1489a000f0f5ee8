"""Risk-free rates from a file: the Federal Reserve's primary credit rate in LEAN's layout, or one's own."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

from runner.adapters.coverage import DataFault

LEAN_FILE = Path("alternative/interest-rate/usa/interest-rate.csv")


def read_rates(path: Path) -> list[tuple[int, float]]:
    """(day since 1970, yearly rate) from a CSV file of dates and percentages under one header line.

    Raises `DataFault` with the file and line.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError) as fault:
        raise DataFault(f"{path}: the risk-free rates cannot be read: {fault}") from None
    rates = []
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        try:
            day = (datetime.date.fromisoformat(line[0]) - datetime.date(1970, 1, 1)).days
            rates.append((day, float(line[1]) / 100.0))
        except (ValueError, IndexError):
            raise DataFault(
                f"{path}:{number}: expected a date and a percentage, found {','.join(line)!r}"
            ) from None
    return sorted(rates)
