"""Factors of splits and dividends, and rows of a source turned into `Bars`.

A factor row holds for every day up to and including its own (the earliest row on or after a day is that
day's row; lean-semantics, section 2). Raw prices keep the shares of their day; what has to be known to
compare two days is `Bars.split`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from runner.adapters.coverage import DataFault
from runner.market.bar import Actions, Bars
from runner.market.calendar import Calendar

NEVER = 1 << 30  # a day after every day
PRICES = ("raw", "adjusted", "split_adjusted", "total_return")


class Factors(NamedTuple):
    """Rows ascending by `day` (days since 1970), the last of them for ever.

    `price`, `split`: multipliers of a raw price. `shares`: shares held on that day per share of the
    first row, with written ratios (7.0 where `split` says 6.9999972). `paid`: dividends a share that came
    before the row's days, since the first row; what `total_return` adds to a price.
    """

    day: Any
    price: Any
    split: Any
    shares: Any
    paid: Any

    def at(self, days: Any) -> Any:
        """Row of each day."""
        return np.minimum(np.searchsorted(self.day, days, "left"), len(self.day) - 1)


NO_FACTORS = Factors(np.array([NEVER]), np.ones(1), np.ones(1), np.ones(1), np.zeros(1))


def written_ratio(ratio: float) -> float:
    """The ratio that a company announced, from one computed of rounded factors: 6.9999972 -> 7.0.

    n:1 or n:2 ... n:5 (3:2, 5:4) and their inverses, within 2 in 10,000; any other ratio as it is (Google's
    1.0027 of 2015 was one).
    """
    turned = ratio < 1.0
    value = 1.0 / ratio if turned else ratio
    for parts in (1, 2, 3, 4, 5) if value < 10.0 else (1,):
        whole = round(value * parts)
        if whole != parts and abs(whole / parts - value) <= 2e-4 * value:
            return parts / whole if turned else whole / parts
    return ratio


def factors_of(actions: Actions) -> Factors:
    """Factors that make prices continuous up to the last day: 1 - dividend / reference, 1 / split."""
    count = len(actions.date)
    price, split, shares = np.ones(count + 1), np.ones(count + 1), np.ones(count + 1)
    for i in range(count - 1, -1, -1):
        reference = float(actions.reference[i])
        cut = float(actions.dividend[i]) / reference if reference > 0.0 else 0.0
        price[i] = price[i + 1] * (1.0 - cut)
        split[i] = split[i + 1] / float(actions.split[i])
    shares[1:] = np.cumprod(actions.split)
    paid = np.append(
        0.0, np.cumsum(np.asarray(actions.dividend) * split[:-1])
    )  # in the shares of the last day
    return Factors(np.append(np.asarray(actions.date, "<i8") - 1, NEVER), price, split, shares, paid)


def rescale(
    rows: dict[str, Any], factors: Factors, prices: str, days: tuple[Any, Any, Any], since: int = 0
) -> dict[str, Any]:
    """Prices, volume and `split` of `rows` in the units that `prices` asks for.

    `days`: day of each row, of the trade it shows and of the quote it shows; they differ where a row
    repeats an older trade. Adjusted copies keep the factor of their own day (section 2). Raw copies from
    before a split are restated in the shares of the row's day, so that a price and its row agree.
    `since`: the day on which `total_return` has no dividend added; on earlier days those up to it are taken off.
    """
    row_day, trade_day, quote_day = days
    out = dict(rows)
    paid_of_trade = paid_of_quote = 0.0
    if prices == "raw":
        shares = factors.shares
        now = shares[factors.at(row_day)]
        trade, quote = shares[factors.at(trade_day)] / now, shares[factors.at(quote_day)] / now
        out["split"] = now / now[0] if len(now) else now
    elif prices in PRICES:
        scale = factors.price * factors.split if prices == "adjusted" else factors.split
        trade, quote = scale[factors.at(trade_day)], scale[factors.at(quote_day)]
        out["split"] = np.ones(len(row_day))
        out["volume"] = np.rint(rows["volume"] / trade)
        if prices == "total_return":
            paid = factors.paid - factors.paid[factors.at(since)]
            paid_of_trade, paid_of_quote = paid[factors.at(trade_day)], paid[factors.at(quote_day)]
    else:
        raise DataFault(f"prices {prices!r} is not known: use one of {', '.join(PRICES)}")
    for name in ("open", "high", "low", "close"):
        out[name] = rows[name] * trade + paid_of_trade
    for name in ("bid", "ask"):
        out[name] = rows[name] * quote + paid_of_quote
    return out


def keep_hours(calendar: Calendar, start: Any, end: Any, extended: bool) -> Any:
    """True for each bar during which the market is open at any moment (regular or extended hours)."""
    opens, closes = (calendar.pre, calendar.post) if extended else (calendar.open, calendar.close)
    if not len(closes):
        return np.zeros(len(start), bool)
    i = np.searchsorted(closes, start, "right")  # first session that closes after the bar starts
    inside = i < len(closes)
    return inside & (opens[np.minimum(i, len(opens) - 1)] < end)


def pick(rows: dict[str, Any], keep: Any) -> Bars:
    """The kept rows as `Bars`, `split` again 1.0 in the first of them."""
    if isinstance(keep, np.ndarray) and keep.dtype == bool and keep.all():
        keep = slice(None)
    chosen = {name: np.ascontiguousarray(rows[name][keep]) for name in Bars._fields}
    if len(chosen["split"]) and chosen["split"][0] != 1.0:
        chosen["split"] = chosen["split"] / chosen["split"][0]
    return Bars(**chosen)


def daily(
    calendar: Calendar, table: dict[str, Any], factors: Factors, prices: str, real: Any, since: int = 0
) -> tuple[Bars, Any]:
    """Daily rows (`day`, prices, `volume`) as `Bars` from session open to close; and the days without one."""
    day = np.asarray(table["day"])
    place = np.minimum(np.searchsorted(calendar.date, day), max(len(calendar.date) - 1, 0))
    known = calendar.date[place] == day if len(calendar.date) else np.zeros(len(day), bool)
    place = place[known]
    rows = {name: np.asarray(table[name])[known] for name in ("open", "high", "low", "close", "volume")}
    unquoted = np.full(len(place), np.nan)
    rows |= {"start": calendar.open[place], "end": calendar.close[place], "bid": unquoted, "ask": unquoted}
    rows |= {"quote_end": np.zeros(len(place), "<i8"), "real": np.asarray(real)[known]}
    day_known = day[known]
    return pick(rescale(rows, factors, prices, (day_known,) * 3, since), slice(None)), day[~known]
