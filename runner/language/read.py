"""A valid document -> `Spec`, every default filled in. The last file that sees a dictionary.

It accepts a repaired document as well (see `shape`): what was dropped is None and takes a stand-in, and the
Spec then serves only to find further faults.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runner.language import units
from runner.language.checks import check
from runner.language.problems import KEY, Fault, Path, quoted
from runner.language.read_account import read_account
from runner.language.read_drawdowns import read_drawdowns
from runner.language.read_lending import read_lending, read_tradable
from runner.language.read_live import read_feeds, read_live
from runner.language.read_portfolio import read_portfolio
from runner.language.read_risk import read_risk
from runner.language.read_rules import read_rules
from runner.language.read_universe import named, read_universe
from runner.language.reading import Reading, check_symbol, read_parameters
from runner.language.secrets import secrets
from runner.language.spec import Backtest, DataPlan, Indicator, Spec

_MICROS = 1_000_000
OURS = ("time", "open", "high", "low", "close", "volume", "bid", "ask")


def read(
    data: dict[str, Any], sets: dict[str, float] | None = None, damaged: Iterable[Path] = ()
) -> tuple[Spec, list[Fault]]:
    """The strategy, and what its meaning forbids. `sets`: values of parameters for this run, in plain units
    (0.25 for 25 %). `damaged`: mappings that the schema pass had to repair."""
    out = Reading(damaged)
    read_parameters(data, sets or {}, out)
    account = read_account(data, out)
    backtest = _backtest(data.get("backtest") or {}, account.settings, out)
    universe = read_universe(data, backtest.start, out)
    symbols = universe.listed
    if universe.selections:
        symbols = tuple(dict.fromkeys((*symbols, *named(data))))
    plan = _data(data.get("data") or {}, symbols, account.settings, out)
    rules = read_rules(data, symbols, bool(universe.selections), account, out)
    portfolio, parts = read_portfolio(data, symbols, account, rules, out)
    spec = Spec(
        version=1,
        name=data.get("name") or "",
        description=data.get("description") or "",
        brokerage=account.brokerage,
        account=account.account,
        resident=account.resident,
        conventions=account.conventions,
        settings=account.settings,
        origins=account.origins,
        symbols=symbols,
        data=plan,
        parameters={name: parameter.value for name, parameter in out.parameters.items()},
        parameter_units={name: parameter.unit for name, parameter in out.parameters.items()},
        indicators=_indicators(data.get("indicators") or {}, symbols, out),
        rules=(*rules, *parts),
        portfolio=portfolio,
        drawdowns=read_drawdowns(data, out),
        default_order=account.default_order,
        lending=read_lending(data.get("short_selling") or {}, out),
        tradable=read_tradable(data.get("brokerage")),
        backtest=backtest,
        risk=read_risk(data, out),
        live=read_live(data, symbols, account.account, out),
        universe=universe,
    )
    check(spec, out)
    return spec, [*out.faults, *secrets(data)]


def _data(
    block: dict[str, Any], symbols: tuple[str, ...], settings: dict[str, Any], out: Reading
) -> DataPlan:
    source, path = "embedded", ""
    columns: tuple[tuple[str, str], ...] = ()
    csv: dict[str, Any] = {}
    written = block.get("source")
    if isinstance(written, dict) and written:
        source = next(iter(written))
        value = written[source]
        if isinstance(value, dict):
            csv = value
            path = csv.get("path") or ""
            names = csv.get("columns") or {}
            columns = tuple((ours, names[ours]) for ours in OURS if names.get(ours) is not None)
        else:
            path = value or ""
    resolutions = {s: r for s, r in (block.get("resolutions") or {}).items() if r is not None}
    for symbol in resolutions:
        check_symbol(symbol, ("data", "resolutions", symbol, KEY), symbols, out)
    resolution = block.get("resolution") or "1d"
    if source == "embedded":
        wrong = [((), resolution), *(((symbol,), r) for symbol, r in resolutions.items())]
        for symbol_path, r in wrong:
            if r != "1d" and ("data",) not in out.damaged:
                at: Path = ("data", "resolutions", *symbol_path) if symbol_path else ("data", "resolution")
                out.fault(at, f"the embedded data has daily bars, none of {r}", "write 1d, or another source")
    return DataPlan(
        source=source,
        path=path,
        resolution=resolution,
        resolutions=tuple(resolutions.items()),
        prices=str(settings["data.prices"]),
        corrections=block.get("corrections") is not False,
        fill_forward=bool(settings["data.fill_forward"]),
        extended_hours=bool(block.get("extended_hours")),
        columns=columns,
        timezone=csv.get("timezone") or "America/New_York",
        label=csv.get("label") or "start",
        live=read_feeds(block, {resolution, *resolutions.values()}, out),
    )


def _indicators(block: dict[str, Any], symbols: tuple[str, ...], out: Reading) -> tuple[Indicator, ...]:
    from runner.laws.indicators import INDICATORS

    found = []
    for name, value in block.items():
        path: Path = ("indicators", name)
        # A dropped definition keeps its name, so that expressions that use it are not blamed as well.
        kind, settings = next(iter((value or {"sma": 1}).items()))
        at = (*path, kind)
        written: dict[str, Any] = settings if isinstance(settings, dict) else {"period": settings}
        numbers: dict[str, float] = {}
        for parameter in INDICATORS[kind].parameters:
            default = 1.0 if parameter.default is None else parameter.default
            entry = written.get(parameter.name)
            place = (*at, parameter.name) if isinstance(settings, dict) else at
            if parameter.whole:
                numbers[parameter.name] = float(
                    out.whole(entry, place, int(default), int(parameter.low), int(parameter.high))
                )
            else:
                numbers[parameter.name] = float(out.number(entry, place, units.NUMBER, default))
        if kind == "macd" and numbers["fast"] >= numbers["slow"]:
            out.fault(
                (*at, "fast"), "the fast average of 'macd' is not shorter than the slow one", "exchange them"
            )
        check_symbol(written.get("symbol"), (*at, "symbol"), symbols, out)
        frame = written.get("timeframe")
        found.append(
            Indicator(
                name=name,
                kind=kind,
                parameters=numbers,
                of=out.expression(written.get("of"), (*at, "of")),
                symbol=written.get("symbol") or "",
                timeframe=units.duration(frame) if frame else 0,
                path=at,
            )
        )
    return tuple(found)


def _backtest(block: dict[str, Any], settings: dict[str, Any], out: Reading) -> Backtest:
    start, end = (out.date(block.get(key), ("backtest", key)) for key in ("start", "end"))
    if start is not None and end is not None and end < start:
        out.fault(
            ("backtest", "end"),
            f"the backtest ends on {block['end']}, before it starts on {block['start']}",
            "exchange them",
        )
    benchmark = block.get("benchmark")
    constant = float(benchmark) if isinstance(benchmark, int | float) else None
    symbol = str(settings.get("benchmark", "")) if benchmark is None else str(benchmark)
    risk_free = block.get("risk_free")
    rate: float | str | None = None
    if isinstance(risk_free, dict):
        rate = risk_free.get("file")
    elif risk_free is not None:
        rate = out.number(risk_free, ("backtest", "risk_free"), units.PERCENT)
    cash = out.number(block.get("cash"), ("backtest", "cash"), default=100_000.0)
    if isinstance(block.get("cash"), str) and cash <= 0:
        out.fault(("backtest", "cash"), f"{quoted(block['cash'])} is no money", "write a number above zero")
    return Backtest(
        start=start,
        end=end,
        cash=round(cash * _MICROS),
        benchmark="" if symbol == "none" or constant is not None else symbol,
        benchmark_constant=constant,
        risk_free=rate,
    )
