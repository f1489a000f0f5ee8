"""Charts of how a run was at risk: exposure, figures over moving windows, turnover by month."""

from __future__ import annotations

import numpy as np

from runner.results.charts import Chart, Line, bounds, thin, thinned_text, time_ticks, value_ticks
from runner.results.reading import Reading
from runner.results.rolling import Rolling
from runner.results.times import SECOND, date_text, moment

POINTS = 500  # of one line: these charts are small, and many on a page
_WINDOW_STYLES = ("window-short", "window-long")
_ROLLING = (
    ("sharpe", "Rolling Sharpe ratio", "", "{:.2f}"),
    ("volatility", "Rolling volatility", "%", "{:.2%}"),
    ("beta", "Rolling beta", "", "{:.2f}"),
)


def risk_charts(reading: Reading) -> list[Chart]:
    """Exposure, rolling figures, turnover: as far as the run is long enough for each."""
    return [*_exposure(reading), *_rolling(reading), *_turnover(reading)]


def _exposure(reading: Reading) -> list[Chart]:
    found = reading.exposures
    if len(found.times) < 2 or not found.gross.any():
        return []
    lines = []
    kept_most = 0
    for name, values in (("long", found.long), ("short", found.short), ("net", found.net)):
        if not values.any() or (name == "net" and not found.short.any()):
            continue
        kept = thin(values, POINTS)
        kept_most = max(kept_most, len(kept))
        text = [f"{moment(int(found.times[i]))}<br>{name} {values[i]:.1%}" for i in kept]
        lines.append(Line(name, name, kept.tolist(), values[kept].tolist(), text, fill=name != "net"))
    low, high = bounds([np.asarray(line.y) for line in lines])
    low, high = (min(low, 0.0) if found.short.any() else 0.0), max(high, 0.0)
    caption = "Value of long and of short positions over equity, at every mark; the thin line is their sum. " if len(lines) == 3 else "Value of the positions over equity, at every mark. "  # fmt: skip
    caption += thinned_text(len(found.times), kept_most, "marks")
    return [
        Chart("exposure", "Exposure", caption, (0, len(found.times) - 1), low, high, lines, [],
              time_ticks(found.times), value_ticks(low, high, "%"), "%")
    ]  # fmt: skip


def _rolling(reading: Reading) -> list[Chart]:
    """The quarter and the year where the run has both, else its longest windows."""
    windows = [window for window in reading.rolling if window.sessions in (63, 252)]
    if len(windows) < 2:
        windows = reading.rolling[-2:]
    if not windows:
        return []
    out = []
    days = reading.measures.days
    noons = np.array([(day * 86_400 + 17 * 3600) * SECOND for day in days], np.int64)
    for name, title, unit, form in _ROLLING:
        lines = [
            _line(window, name, style, form, len(days))
            for window, style in zip(windows, _WINDOW_STYLES[-len(windows) :], strict=True)
        ]
        lines = [line for line in lines if len(line.x) > 1]
        if not lines:
            continue
        low, high = bounds([np.asarray(line.y) for line in lines])
        sizes = " and ".join(line.name.partition(" ")[0] for line in lines)
        caption = f"Over the last {sizes} sessions." + (
            " The thin line is the shorter." if len(lines) == 2 else ""
        )
        out.append(
            Chart(f"rolling-{name}", title, caption, (0, len(days) - 1), low, high, lines, [], time_ticks(noons),
                  value_ticks(low, high, unit), unit)
        )  # fmt: skip
    return out


def _line(window: Rolling, name: str, style: str, form: str, sessions: int) -> Line:
    values = getattr(window, name)
    known = np.flatnonzero(~np.isnan(values))
    kept = known[thin(values[known], POINTS)] if len(known) else known
    offset = sessions - len(values)
    label = f"{window.sessions} sessions"
    text = [f"{date_text(window.days[i])}<br>{label}: {form.format(values[i])}" for i in kept]
    return Line(label, style, (kept + offset).tolist(), values[kept].tolist(), text)


def _turnover(reading: Reading) -> list[Chart]:
    months = reading.months
    if len(months) < 3 or not any(month.turnover for month in months):
        return []
    values = np.array([month.turnover for month in months])
    high = float(values.max()) * 1.05
    # Steps: each month is as wide as the next.
    x = [place for i in range(len(months)) for place in (i, i + 1)]
    y = [float(value) for value in values for _ in (0, 1)]
    text = [f"{m.year}-{m.month:02d}<br>{m.turnover:.2f} times equity" for m in months for _ in (0, 1)]
    line = Line("turnover", "turnover", x, y, text, fill=True)
    starts = np.array([_start(m.year, m.month) for m in [*months, months[-1]]], np.int64)
    return [
        Chart("turnover", "Turnover by month", "Value traded in a month over its mean equity.", (0, len(months)), 0.0,
              high, [line], [], time_ticks(starts), value_ticks(0.0, high, ""), "")
    ]  # fmt: skip


def _start(year: int, month: int) -> int:
    """Noon (UTC) of the month's first day, ns."""
    day = int((np.datetime64(f"{year:04d}-{month:02d}-01") - np.datetime64("1970-01-01")).astype(int))
    return (day * 86_400 + 17 * 3600) * SECOND
