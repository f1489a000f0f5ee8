"""Which charts a run gets: equity with its drawdown, risk, and a price chart for each symbol that traded."""

from __future__ import annotations

import numpy as np

from runner.market.bar import Bars
from runner.results.charts import Chart, Dots, Line, bounds, thin, thinned_text, time_ticks, value_ticks
from runner.results.flows import flows
from runner.results.ledger import Fill
from runner.results.reading import Reading
from runner.results.risk_pictures import risk_charts
from runner.results.times import moment

MOST_SYMBOLS = 12
MOST_DOTS = 2000


def charts(reading: Reading, bars: dict[str, Bars]) -> list[Chart]:
    """Every chart of the page, in order."""
    return [*_equity(reading), *risk_charts(reading), *_prices(reading, bars)]


def _equity(reading: Reading) -> list[Chart]:
    marks = reading.journal.marks
    if len(marks) < 2:
        return []
    times = marks["time"]
    equity = marks["equity"] / 1e6
    grown = np.array(flows(reading.journal).without(times.tolist(), marks["equity"].tolist())) / 1e6
    peak = np.maximum.accumulate(np.maximum(grown, reading.measures.start_equity / 1e6))
    under = np.where(peak > 0, grown / peak - 1.0, 0.0)
    kept, kept_under = thin(equity), thin(under)
    lines = [
        Line("Equity", "equity", kept.tolist(), equity[kept].tolist(),
             [f"{moment(int(times[i]))}<br>${equity[i]:,.2f}" for i in kept])
    ]  # fmt: skip
    caption = "Account equity. " + thinned_text(len(marks), len(kept), "marks")
    benchmark = marks["benchmark"]
    if benchmark[0] > 0 and len(np.unique(benchmark)) > 1:
        scaled = benchmark / benchmark[0] * equity[0]
        name = str(reading.journal.header.get("benchmark") or "benchmark")
        chosen = thin(scaled)
        lines.append(
            Line(name, "benchmark", chosen.tolist(), scaled[chosen].tolist(),
                 [f"{moment(int(times[i]))}<br>{name} {benchmark[i]:,.2f}" for i in chosen])
        )  # fmt: skip
        caption += " The thin line is the benchmark, scaled to the same start."
    low, high = bounds([np.asarray(line.y) for line in lines])
    span, ticks = (0, len(marks) - 1), time_ticks(times)
    top = Chart(
        "equity",
        "Equity",
        caption,
        span,
        low,
        high,
        lines,
        [],
        ticks,
        value_ticks(low, high, "$"),
        "$",
    )
    floor = min(float(under.min()) * 1.05, -1e-4)
    drop = Line("Drawdown", "drawdown", kept_under.tolist(), under[kept_under].tolist(),
                [f"{moment(int(times[i]))}<br>{under[i] * 100:.2f} %" for i in kept_under], fill=True)  # fmt: skip
    depth = thinned_text(len(marks), len(kept_under), "marks")
    bottom = Chart("drawdown", "Drawdown", f"Distance below the highest equity so far, at every mark. {depth}",
                   span, floor, 0.0, [drop], [], ticks, value_ticks(floor, 0.0, "%"), "%")  # fmt: skip
    return [top, bottom]


def _prices(reading: Reading, bars: dict[str, Bars]) -> list[Chart]:
    names: list[str] = reading.journal.header["symbols"]
    traded: dict[int, list[Fill]] = {}
    for fill in reading.ledger.fills:
        traded.setdefault(fill.symbol, []).append(fill)
    shown = sorted(traded, key=lambda s: -len(traded[s])) or range(min(3, len(names)))
    return [
        _price(names[s], bars[names[s]], traded.get(s, []), f"price{s}")
        for s in sorted(list(shown)[:MOST_SYMBOLS])
        if names[s] in bars and len(bars[names[s]].end) > 1
    ]


def _price(symbol: str, bars: Bars, fills: list[Fill], key: str) -> Chart:
    close = np.asarray(bars.close, dtype=float)
    kept = thin(close)
    text = [f"{moment(int(bars.end[i]))}<br>{close[i]:,.4f}" for i in kept]
    caption = f"Closing prices of {symbol}. {thinned_text(len(close), len(kept), 'bars')}"
    drawn = fills[: MOST_DOTS // 2] + fills[-MOST_DOTS // 2 :] if len(fills) > MOST_DOTS else fills
    if len(drawn) < len(fills):
        caption += f" The first and last {MOST_DOTS // 2:,} of {len(fills):,} fills are marked."
    elif fills:
        caption += f" {len(fills):,} {'fill' if len(fills) == 1 else 'fills'}: round for purchases, square for sales."
    if len(bars.split) and float(bars.split[-1]) != float(bars.split[0]):
        caption += " Prices are as traded: a split shows as a jump."
    dots = [_dots("bought", "buy", [f for f in drawn if f.quantity > 0], bars),
            _dots("sold", "sell", [f for f in drawn if f.quantity < 0], bars)]  # fmt: skip
    low, high = bounds([close, *(np.asarray(d.y) for d in dots)])
    line = Line(symbol, "price", kept.tolist(), close[kept].tolist(), text)
    return Chart(key, symbol, caption, (0, len(close) - 1), low, high, [line], [d for d in dots if d.x],
                 time_ticks(bars.end), value_ticks(low, high, "$"), "$")  # fmt: skip


def _dots(name: str, style: str, fills: list[Fill], bars: Bars) -> Dots:
    at = np.searchsorted(bars.end, [f.time for f in fills]) if fills else np.zeros(0, np.int64)
    last = len(bars.end) - 1
    return Dots(
        name,
        style,
        [min(int(i), last) for i in at],
        [f.price for f in fills],
        [f"{moment(f.time)}<br>{name} {abs(f.quantity):,} at {f.price:,.4f}" for f in fills],
    )
