"""The table of indicators: one step each, in a file of its own; no input or output, no NumPy.

`INDICATORS` is the one place that lists them: the schema, the expression language, the scan and the
manual read it. A step keeps to the dialect of laws; its state is a tuple that holds numbers, tuples and
windows (a list in Python, an array when compiled, written in place).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from runner.laws.indicators.atr import atr_start, atr_step
from runner.laws.indicators.bollinger import bollinger_start, bollinger_step
from runner.laws.indicators.ema import ema_start, ema_step
from runner.laws.indicators.highest import highest_start, highest_step
from runner.laws.indicators.lowest import lowest_start, lowest_step
from runner.laws.indicators.macd import macd_start, macd_step
from runner.laws.indicators.momentum import momentum_start, momentum_step
from runner.laws.indicators.roc import roc_start, roc_step
from runner.laws.indicators.rsi import rsi_start, rsi_step
from runner.laws.indicators.session_vwap import session_vwap_start, session_vwap_step
from runner.laws.indicators.sma import sma_start, sma_step
from runner.laws.indicators.standard_deviation import standard_deviation_start, standard_deviation_step
from runner.laws.indicators.wilder import wilder_start, wilder_step
from runner.laws.indicators.zscore import zscore_start, zscore_step

LONGEST = 10_000  # bars in a window


class Parameter(NamedTuple):
    """A number that an indicator takes: `default` None when it must be given; both bounds belong."""

    name: str
    default: float | None = None
    low: float = 1.0
    high: float = float(LONGEST)
    whole: bool = True


class Kind(NamedTuple):
    """One kind of indicator.

    `start(*numbers)` gives the state, `step(state, *inputs)` the next state and the value (a tuple when
    there are several `outputs`). `inputs`: the series it reads; the first stands for what `of` replaces
    when `takes_of`. `unit`: of the value: same (as the input), number, points (0 to 100) or ratio.
    `warm_up(*numbers)`: bars until each output is known. `cost(*numbers)`: rough work of one step, in
    steps of an exponential average (decides whether compiling pays).
    """

    start: Callable[..., Any]
    step: Callable[..., Any]
    inputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    unit: str
    warm_up: Callable[..., tuple[int, ...]]
    about: str
    takes_of: bool = True
    outputs: tuple[str, ...] = ()  # several: their names, in order
    main: int = 0  # the output that the bare name means
    cost: Callable[..., float] = lambda *_: 1.0


def _period(n: float) -> tuple[int]:
    return (int(n),)


def _and_one(n: float) -> tuple[int]:
    return (int(n) + 1,)


def _scan(n: float, *_: float) -> float:
    return 4.0 + n / 8.0


PERIOD = (Parameter("period"),)
CLOSE = ("close",)

INDICATORS: dict[str, Kind] = {
    "sma": Kind(
        sma_start, sma_step, CLOSE, PERIOD, "same", _period,
        "simple moving average: mean of the last `period` values", cost=lambda *_: 3.0,
    ),
    "ema": Kind(
        ema_start, ema_step, CLOSE, PERIOD, "same", _period,
        "exponential moving average: weight 2 / (period + 1), seeded with the mean of the first `period` values",
    ),
    "wilder": Kind(
        wilder_start, wilder_step, CLOSE, PERIOD, "same", _period,
        "Wilder's moving average: weight 1 / period, seeded with the mean of the first `period` values",
    ),
    "rsi": Kind(
        rsi_start, rsi_step, CLOSE, PERIOD, "points", _and_one,
        "relative strength index, 0 to 100, of Wilder's averages", cost=lambda *_: 3.0,
    ),
    "macd": Kind(
        macd_start, macd_step, CLOSE,
        (Parameter("fast", 12.0), Parameter("slow", 26.0), Parameter("signal", 9.0)),
        "same", lambda fast, slow, signal: (int(slow), int(slow + signal) - 1, int(slow + signal) - 1),
        "fast minus slow exponential average (line), its average (signal), line minus signal (histogram)",
        outputs=("line", "signal", "histogram"), cost=lambda *_: 4.0,
    ),
    "bollinger": Kind(
        bollinger_start, bollinger_step, CLOSE,
        (Parameter("period", 20.0), Parameter("deviations", 2.0, 0.0, 100.0, whole=False)),
        "same", lambda period, deviations: (int(period),) * 3,
        "simple average (middle) and `deviations` population standard deviations above and below it",
        outputs=("upper", "middle", "lower"), main=1, cost=_scan,
    ),
    "atr": Kind(
        atr_start, atr_step, ("high", "low", "close"), PERIOD, "same", _period,
        "average true range of Wilder", takes_of=False, cost=lambda *_: 2.0,
    ),
    "momentum": Kind(
        momentum_start, momentum_step, CLOSE, PERIOD, "same", _and_one,
        "value minus the value of `period` bars ago", cost=lambda *_: 2.0,
    ),
    "roc": Kind(
        roc_start, roc_step, CLOSE, PERIOD, "ratio", _and_one,
        "rate of change: value / value of `period` bars ago - 1, a ratio", cost=lambda *_: 2.0,
    ),
    "highest": Kind(
        highest_start, highest_step, ("high",), PERIOD, "same", _period,
        "highest of the last `period` values (of the highs, unless `of` says otherwise)", cost=lambda *_: 2.0,
    ),
    "lowest": Kind(
        lowest_start, lowest_step, ("low",), PERIOD, "same", _period,
        "lowest of the last `period` values (of the lows, unless `of` says otherwise)", cost=lambda *_: 2.0,
    ),
    "standard_deviation": Kind(
        standard_deviation_start, standard_deviation_step, CLOSE, PERIOD, "same", _period,
        "population standard deviation of the last `period` values", cost=_scan,
    ),
    "zscore": Kind(
        zscore_start, zscore_step, CLOSE, PERIOD, "number", _period,
        "distance from the mean in population standard deviations; unknown while all values are equal", cost=_scan,
    ),
    "session_vwap": Kind(
        session_vwap_start, session_vwap_step, ("typical", "volume", "session"), (), "same", lambda: (1,),
        "volume-weighted average of (high + low + close) / 3 since the session's first bar; "
        "`of` replaces that price", cost=lambda *_: 2.0,
    ),
}  # fmt: skip
