"""Charts as plain geometry: thinned series, round ticks, and an SVG that needs no script.

The horizontal axis counts points (bars or marks), so that nights and weekends take no room. The SVG is
stretched to its box; labels are HTML beside it, placed in percent, and stay readable at any width.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from runner.results.times import date_text, day_of, moment

POINTS = 1200  # a page is at most about this many pixels wide


class Line(NamedTuple):
    """A line: `x` counts points, `y` values, `text` one hover text a point; `style` a CSS class. `fill`: whether the
    area between it and zero is filled."""

    name: str
    style: str
    x: list[int]
    y: list[float]
    text: list[str]
    fill: bool = False


class Dots(NamedTuple):
    """Single points (fills): `style` a CSS class."""

    name: str
    style: str
    x: list[int]
    y: list[float]
    text: list[str]


class Chart(NamedTuple):
    """One chart. `ticks_x`, `ticks_y`: (position from 0 to 1, text), the latter from the bottom."""

    key: str
    title: str
    caption: str
    span: tuple[int, int]
    low: float
    high: float
    lines: list[Line]
    dots: list[Dots]
    ticks_x: list[tuple[float, str]]
    ticks_y: list[tuple[float, str]]
    unit: str


def thin(values: np.ndarray, points: int = POINTS) -> np.ndarray:
    """Indices that keep the first, the last and the lowest and highest value of each stretch."""
    count = len(values)
    if count <= points:
        return np.arange(count)
    stretch = math.ceil(count / (points // 2))
    whole = count // stretch * stretch
    body = values[:whole].reshape(-1, stretch)
    base = np.arange(0, whole, stretch)
    picked = [base + body.argmin(axis=1), base + body.argmax(axis=1), [0, count - 1]]
    if whole < count:
        rest = values[whole:]
        picked.append([whole + int(rest.argmin()), whole + int(rest.argmax())])
    return np.unique(np.concatenate([np.asarray(part, dtype=np.int64) for part in picked]))


def thinned_text(count: int, shown: int, what: str) -> str:
    """The sentence of a caption that says what was left out."""
    if shown >= count:
        return f"{count:,} {what}."
    return f"{count:,} {what}, drawn as {shown:,} points: the lowest and highest of each stretch."


def value_ticks(low: float, high: float, unit: str) -> list[tuple[float, str]]:
    """About five round values between `low` and `high`."""
    spread = high - low
    if spread <= 0.0 or not math.isfinite(spread):
        return []
    power = 10.0 ** math.floor(math.log10(spread / 5.0))
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= spread / 5.0)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [
        ((i * step - low) / spread, value_text(i * step, step, unit, max(-low, high) >= 1e6))
        for i in range(first, last + 1)
    ]


def value_text(value: float, step: float, unit: str, millions: bool = False) -> str:
    """A tick's text, `step` apart from the next: `$100,000`, `$1.05M`, `-2.5 %`."""
    scale, end = (100.0, " %") if unit == "%" else (1e-6, "M") if millions else (1.0, "")
    width = step * scale
    places = next((n for n in range(6) if abs(width * 10**n - round(width * 10**n)) < 1e-6), 6)
    text = f"{abs(value * scale):,.{places}f}"
    sign = "-" if value < 0 and float(text.replace(",", "")) else ""
    return f"{sign}{'' if unit == '%' else unit}{text}{end}"


def time_ticks(times: np.ndarray, most: int = 6) -> list[tuple[float, str]]:
    """At most `most` instants, at starts of days, months or years, as positions from 0 to 1."""
    count = len(times)
    if count < 2:
        return []
    first, last = day_of(int(times[0])), day_of(int(times[-1]))
    if first == last:
        picked = np.linspace(0, count - 1, min(most, count)).astype(int)
        return [(float(i) / (count - 1), moment(int(times[i]))[11:16]) for i in picked]
    width = 4 if last - first > 366 * most else 7 if last - first > 30 * most else 10
    labels = [date_text(day_of(int(t)))[:width] for t in times[_coarse(count)]]
    starts = [i for i in range(1, len(labels)) if labels[i] != labels[i - 1]]
    if width == 10 or not starts:
        starts = [0, *starts]
    starts = starts[:: max(1, math.ceil(len(starts) / most))]
    places = _coarse(count)
    return [(float(places[i]) / (count - 1), labels[i][-5:] if width == 10 else labels[i]) for i in starts]


def _coarse(count: int) -> np.ndarray:
    """Enough places to find the starts of days without asking for the date of every bar."""
    return np.unique(np.linspace(0, count - 1, min(count, 4000)).astype(np.int64))


def bounds(values: list[np.ndarray]) -> tuple[float, float]:
    """Lowest and highest finite value with a little room; never an empty span."""
    whole = np.concatenate(values) if values else np.zeros(0)
    whole = whole[np.isfinite(whole)]
    if not len(whole):
        return 0.0, 1.0
    low, high = float(whole.min()), float(whole.max())
    room = (high - low) * 0.05 or max(abs(high) * 0.001, 1e-6)
    return low - room, high + room


def svg(chart: Chart) -> str:
    """The drawing in a box of 1000 by 1000, to be stretched; numbers only, so nothing needs escaping."""
    across = max(1, chart.span[1] - chart.span[0])
    tall = (chart.high - chart.low) or 1.0

    def at(x: int, y: float) -> str:
        return f"{(x - chart.span[0]) / across * 1000:.1f} {(chart.high - y) / tall * 1000:.1f}"

    parts = [f'<path class="grid" d="M0 {(1 - place) * 1000:.1f}H1000"/>' for place, _ in chart.ticks_y]
    for line in chart.lines:
        steps = [at(x, y) for x, y in zip(line.x, line.y, strict=True)]
        if not steps:
            continue
        if line.fill:
            base = f"{(chart.high - 0.0) / tall * 1000:.1f}"
            ends = [steps[0].split()[0], steps[-1].split()[0]]
            parts.append(
                f'<path class="area {line.style}" d="M{ends[0]} {base}L{"L".join(steps)}L{ends[1]} {base}Z"/>'
            )
        parts.append(f'<path class="line {line.style}" d="M{"L".join(steps)}"/>')
    for dots in chart.dots:
        # A line of no length with a cap: a dot that keeps its shape when the box is stretched.
        drawn = "".join(f"M{at(x, y)}h0" for x, y in zip(dots.x, dots.y, strict=True))
        if drawn:
            parts.append(f'<path class="dot {dots.style}" d="{drawn}"/>')
    return (
        f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )
