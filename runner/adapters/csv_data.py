"""A user's own CSV files as a source: one file a symbol, or one file with a symbol column.

The first line names the columns. Known names (any case) are found by themselves; `columns` maps ours to
the file's where they differ. Times are of `timezone` unless they carry an offset; `label` says whether a
bar's time is its start or its end. Prices are taken as they are written. `split` (new shares per old) and
`dividend` (dollars per share) columns, on the first row of the ex-date, are corporate actions.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from runner.adapters import cache
from runner.adapters.adjust import daily, factors_of, keep_hours, pick, rescale
from runner.adapters.coverage import DataFault, NoRows, check_resolution, day_text, nearest, span_text
from runner.adapters.csv_columns import EMPTY, NAMES, floats, places_of
from runner.adapters.csv_times import DAY_NS, instants
from runner.adapters.lean_rows import since_open, until_close
from runner.adapters.sessions import FIRST_DAY, LAST_DAY, calendar
from runner.market.bar import RESOLUTIONS, Actions, Bars, Listing
from runner.market.calendar import Calendar

VERSION = 1  # of the parser: part of every cache entry's name
_TYPES = {"time": "<i8", "wall": "<i8", "dated": "<i8"} | dict.fromkeys(
    ("open", "high", "low", "close", *EMPTY), "<f8"
)


class CsvPlan(NamedTuple):
    """`path`: a file, with `{symbol}` for the symbol or of all symbols. `columns`: our names to the file's.
    `shown`: the path as the document writes it, under which the manifest names the files (empty: `path`)."""

    path: str
    columns: dict[str, str] = {}  # noqa: RUF012 (never written to)
    timezone: str = "America/New_York"
    label: str = "start"
    shown: str = ""


class CsvFiles:
    """Bars and corporate actions from CSV files."""

    def __init__(self, plan: CsvPlan) -> None:
        self.plan = plan
        unknown = sorted(set(plan.columns) - set(NAMES))
        if unknown:
            raise DataFault(
                f"data.source.csv.columns: {unknown[0]} is no column{nearest(unknown[0], list(NAMES))}"
            )
        if plan.label not in ("start", "end"):
            raise DataFault(f"data.source.csv.label: {plan.label!r} is neither start nor end")
        self._read: dict[str, str] = {}
        self._notes: list[str] = []

    def bars(
        self,
        symbol: str,
        resolution: str,
        first_day: int,
        last_day: int,
        prices: str = "raw",
        extended_hours: bool = False,
        since: int | None = None,
    ) -> Bars:
        """Bars of the sessions from `first_day` to `last_day` (days since 1970, both belong); `since` is the
        day from which `total_return` adds dividends (`first_day` if none is given).

        Raises `DataFault` for a missing or unreadable file (with the line) and when no row is in the range.
        """
        check_resolution(resolution)
        since = first_day if since is None else since
        sessions = calendar(first_day, last_day)
        table = self._table(symbol)
        day = self._day(table)
        factors = factors_of(self.actions(symbol, FIRST_DAY, LAST_DAY - 1))
        rows = (day >= first_day) & (day <= last_day)
        part: dict[str, Any] = {name: np.asarray(column)[rows] for name, column in table.items()}
        part["day"] = day[rows]
        if resolution == "1d":
            repeated = np.flatnonzero(np.diff(part["day"]) == 0)
            if len(repeated):
                date = day_text(part["day"][repeated[0]])
                raise DataFault(
                    f"{self._place(symbol)}: two rows on {date}; say the resolution that the file has"
                )
            bars, strange = daily(sessions, part, factors, prices, np.ones(len(part["day"]), bool), since)
            if len(strange):
                first = day_text(strange[0])
                self._note(f"{symbol}: {len(strange)} rows on days without a session left out ({first})")
        else:
            bars = self._intraday(
                symbol, part, sessions, RESOLUTIONS[resolution], (factors, prices, extended_hours, since)
            )
        if not len(bars.end) and len(sessions.date):
            extent = span_text(int(day.min()), int(day.max())) if len(day) else "no day"
            wanted = span_text(first_day, last_day)
            raise NoRows(f"{self._place(symbol)}: no rows in sessions from {wanted}; it covers {extent}")
        return bars

    def actions(self, symbol: str, first_day: int, last_day: int) -> Actions:
        """Rows whose `split` is not 1 (or 0 or empty) or whose `dividend` is not 0."""
        table = self._table(symbol)
        split = np.where(np.isin(table["split"], (0.0, 1.0)), 1.0, table["split"])
        hits = np.flatnonzero((split != 1.0) | (table["dividend"] != 0.0))
        close, out = table["close"], []
        days = self._day(table)
        for i in hits.tolist():
            if not first_day <= days[i] <= last_day:
                continue
            reference = float(close[i - 1]) if i else float(table["open"][i])
            if table["dividend"][i]:  # paid on the old shares, so before a split of the same day
                out.append((int(days[i]), 1.0, float(table["dividend"][i]), reference))
            if split[i] != 1.0:
                out.append((int(days[i]), float(split[i]), 0.0, reference))
        columns = list(zip(*out, strict=True)) or [(), (), (), ()]
        return Actions(np.array(columns[0], "<i4"), *(np.array(column, "<f8") for column in columns[1:]))

    def listed(self, symbol: str) -> tuple[int, int] | None:
        """None: a file of bars does not say when a symbol was listed."""
        return None

    def listing(self, symbol: str) -> Listing | None:
        """None: the files know no delisting and no change of name."""
        return None

    def extent(self, symbol: str, resolution: str) -> tuple[int, int] | None:
        """First and last day of the symbol's rows, days since 1970; None without any."""
        days = np.asarray(self._day(self._table(symbol)))
        return (int(days.min()), int(days.max())) if len(days) else None

    def symbols(self, resolution: str) -> list[str]:
        """Every symbol that there is a file of, or that the one file has rows of."""
        path = Path(self.plan.path)
        if "{symbol}" in path.name:
            before, _, after = path.name.partition("{symbol}")
            names = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
            fitting = [n for n in names if n.startswith(before) and n.endswith(after)]
            return sorted(n[len(before) : len(n) - len(after)] for n in fitting)
        if "{symbol}" in self.plan.path or not path.is_file():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            places = places_of([name.strip() for name in next(reader, [])], self.plan.columns, path)
            if "symbol" not in places:
                return []
            return sorted({row[places["symbol"]] for row in reader if len(row) > places["symbol"]})

    def files(self) -> dict[str, str]:
        """SHA-256 of every file read so far, by its path."""
        return dict(sorted(self._read.items()))

    def notes(self) -> list[str]:
        """What a reader of results must know about this data."""
        return list(self._notes)

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)

    def _place(self, symbol: str) -> str:
        return self.plan.path.replace("{symbol}", symbol)

    def _day(self, table: cache.Columns) -> Any:
        """Session day of each row: in New York, but a file of midnights is a daily file, whose dates are meant
        as they are written, in whatever zone (labelled at the end, midnight belongs to the day before)."""
        if not (table["wall"] % DAY_NS).any():
            before = (table["dated"] == 0) & (self.plan.label == "end")
            return table["wall"] // DAY_NS - before
        every = calendar(FIRST_DAY, LAST_DAY - 1)
        at = table["time"] - (self.plan.label == "end")
        return np.searchsorted(every.midnight, at, "right") - 1 + every.first_day

    def _intraday(self, symbol: str, part: dict[str, Any], sessions: Calendar, step: int, how: Any) -> Bars:
        factors, prices, extended, since = how
        if part["dated"].any():
            raise DataFault(f"{self._place(symbol)}: dates without a time of day; say data.resolution: 1d")
        start = part["time"] - (step if self.plan.label == "end" else 0)
        gaps = np.diff(start)
        if len(gaps) and gaps.min() < step:
            raise DataFault(
                f"{self._place(symbol)}: bars are {gaps.min() / 1e9:g} s apart, less than the resolution"
            )
        if len(gaps) > 100 and gaps.min() > step:
            apart = f"{gaps.min() / 1e9:g} s apart or more, the resolution is {step / 1e9:g} s"
            self._note(f"{symbol}: bars are {apart}")
        quoted = np.isfinite(part["bid"]) | np.isfinite(part["ask"])
        end = start + step
        end = end if extended else until_close(sessions, start, end)
        start = start if extended else since_open(sessions, start, end)
        rows = part | {"start": start, "end": end, "real": np.ones(len(start), bool)}
        rows["quote_end"] = np.where(quoted, end, 0)
        keep = keep_hours(sessions, start, end, extended)
        return pick(rescale(rows, factors, prices, (part["day"],) * 3, since), keep)

    def _table(self, symbol: str) -> cache.Columns:
        path = Path(self._place(symbol))
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            before, _, after = self.plan.path.rpartition("/")[2].partition("{symbol}")
            names = (p.name for p in path.parent.glob("*")) if path.parent.is_dir() else ()
            fitting = [n for n in names if n.startswith(before) and n.endswith(after)]
            known = [n[len(before) : len(n) - len(after)] for n in fitting]
            raise DataFault(f"{path}: there is no such file{nearest(symbol, known)}") from None
        except OSError as error:
            raise DataFault(f"{path}: {error.strerror}") from None
        digest = cache.digest(data)
        self._read[(self.plan.shown or self.plan.path).replace("{symbol}", symbol)] = digest
        plan = repr(
            (sorted(self.plan.columns.items()), self.plan.timezone, "{symbol}" in self.plan.path or symbol)
        )
        key = cache.digest(f"{digest}{plan}".encode())
        return cache.remember(f"csv-{key}-v{VERSION}", _TYPES, lambda: self._parse(data, path, symbol))

    def _parse(self, data: bytes, path: Path, symbol: str) -> cache.Columns:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise DataFault(f"{path}: not UTF-8 text") from None
        reader = csv.reader(io.StringIO(text))
        header = [name.strip() for name in next(reader, [])]
        places = places_of(header, self.plan.columns, path)
        rows: list[list[str]] = []
        lines: list[int] = []
        shared = "{symbol}" not in self.plan.path
        if shared and "symbol" not in places:
            raise DataFault(
                f"{path}: one file for all symbols needs a symbol column; or write {{symbol}} in the path"
            )
        known = set()
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                raise DataFault(f"{path} line {reader.line_num}: {len(row)} fields, expected {len(header)}")
            if shared:
                known.add(row[places["symbol"]])
                if row[places["symbol"]] != symbol:
                    continue
            rows.append(row)
            lines.append(reader.line_num)
        if not rows:
            raise DataFault(f"{path}: no rows of {symbol}{nearest(symbol, sorted(known))}")
        columns = dict(zip(range(len(header)), zip(*rows, strict=True), strict=True))
        time, wall, dated = instants(list(columns[places["time"]]), self.plan.timezone, str(path), lines)
        late = np.flatnonzero(np.diff(time) <= 0)
        if len(late):
            raise DataFault(f"{path} line {lines[int(late[0]) + 1]}: not later than the row before it")
        out: cache.Columns = {"time": time, "wall": wall, "dated": dated}
        for name in ("open", "high", "low", "close", *EMPTY):
            if name not in places:
                out[name] = np.full(len(rows), EMPTY[name])
            else:
                out[name] = floats(
                    columns[places[name]], EMPTY.get(name), (str(path), header[places[name]], lines)
                )
        return out
