"""The account's part of a document: brokerage, default order properties, margin model -> settings."""

from __future__ import annotations

from typing import Any, NamedTuple

from runner.language import units
from runner.language.problems import KEY, Path, choices
from runner.language.read_lending import lending_settings
from runner.language.reading import Reading, check_symbol
from runner.language.spec import OrderPlan
from runner.market.brokerages import BROKERAGES, resolve
from runner.market.order import ORDER_KINDS

# The unit of every setting that is no word: how its text is read.
DURATIONS = {"fills.stale_after", "closing_cutoff", "closing_soon", "margin_call.every", "settlement_time"}
PERCENTS = {
    "fills.spread",
    "fills.participation",
    "fees.percent_of_value",
    "fees.maximum_percent_of_value",
    "free_equity",
    "minimum_order_margin",
    "margin_call.warning",
    "margin_call.buffer",
    "interest.debit",
    "interest.credit",
}
GROUPS = ("fees", "fills", "margin_call", "interest")
# Settings of the account that are keys of other groups.
ELSEWHERE = {
    "data.prices": ("data", "prices"),
    "data.fill_forward": ("data", "fill_forward"),
    "data.daily_end": ("data", "daily_end"),
    "warm_up": ("data", "warm_up"),
    "sampling": ("backtest", "sampling"),
    "statistics": ("backtest", "statistics"),
}
NO_SETTINGS = ("name", "account", "resident", "conventions", "tradable")


class Account(NamedTuple):
    """Who holds the account and every setting of it, by dotted name, with its origin."""

    brokerage: str
    account: str
    resident: str
    conventions: str
    settings: dict[str, Any]
    origins: dict[str, str]
    default_order: OrderPlan


def read_account(data: dict[str, Any], out: Reading) -> Account:
    """The account of a document, defaults filled in."""
    written = data.get("brokerage") or {}
    block: dict[str, Any] = {"name": written} if isinstance(written, str) else written
    name = block.get("name") or "atreyu"
    account = block.get("account") or "margin"
    conventions = block.get("conventions") or "atreyu"
    overrides = _overrides(block, out)
    for symbol in block.get("settlements") or {}:
        check_symbol(symbol, ("brokerage", "settlements", symbol, KEY), _symbols(data), out)
    properties = data.get("default_order_properties") or {}
    at: Path = ("default_order_properties",)
    plan = OrderPlan(post_only=bool(properties.get("post_only")))
    if properties.get("time_in_force") is not None:
        time_in_force, good_till = read_time_in_force(
            properties["time_in_force"], (*at, "time_in_force"), name, out
        )
        overrides["default_time_in_force"] = time_in_force
        plan = OrderPlan(post_only=plan.post_only, time_in_force=time_in_force, good_till=good_till)
    for setting, (group, key) in ELSEWHERE.items():
        written = (data.get(group) or {}).get(key)
        if written is not None:
            overrides[setting] = written
    overrides.update(lending_settings(data.get("short_selling") or {}))
    settings, origins = resolve(
        name,
        conventions,
        account,
        _margin(data.get("margin_model"), ("margin_model",), account, out),
        overrides,
        _margins(data.get("margin_models") or {}, account, data, out),
    )
    if "default_time_in_force" not in overrides:
        plan = OrderPlan(post_only=plan.post_only, time_in_force=str(settings["default_time_in_force"]))
    return Account(name, account, block.get("resident") or "us", conventions, settings, origins, plan)


def _overrides(block: dict[str, Any], out: Reading) -> dict[str, Any]:
    flat: dict[str, tuple[Any, Path]] = {}
    for key, value in block.items():
        if key in NO_SETTINGS or value is None:
            continue
        if key == "settlements":
            for symbol, rule in value.items():
                flat[f"settlement.{symbol}"] = (rule, ("brokerage", key, symbol))
        elif key in GROUPS:
            flat.update({f"{key}.{k}": (v, ("brokerage", key, k)) for k, v in value.items() if v is not None})
        else:
            flat[key] = (value, ("brokerage", key))
    values: dict[str, Any] = {}
    for name, (value, path) in flat.items():
        if name in DURATIONS:
            values[name] = out.duration(value, path, 0)
        elif name in PERCENTS:
            values[name] = out.number(value, path, units.PERCENT)
        elif name.startswith("fees."):
            values[name] = float(out.number(value, path))
        else:
            values[name] = value
    return values


def _symbols(data: dict[str, Any]) -> tuple[str, ...]:
    return tuple(s for s in (data.get("universe") or {}).get("symbols") or [] if s is not None)


def _margins(
    models: dict[str, Any], account: str, data: dict[str, Any], out: Reading
) -> dict[str, tuple[str, dict[str, float]]]:
    """The margin models of single symbols."""
    symbols = _symbols(data)
    found = {}
    for symbol, model in models.items():
        check_symbol(symbol, ("margin_models", symbol, KEY), symbols, out)
        read = _margin(model, ("margin_models", symbol), account, out)
        if read is not None:
            found[symbol] = read
    return found


def _margin(model: Any, path: Path, account: str, out: Reading) -> tuple[str, dict[str, float]] | None:
    if not model:
        return None
    if isinstance(model, str):
        kind, numbers = model, {}
    else:
        kind = next(iter(model))
        block = model[kind]
        if kind == "leverage":
            value = out.number(block, (*path, kind), units.LEVERAGE, 2.0)
            if value < 1.0:
                out.fault((*path, kind), f"leverage of {block} is less than 1x", "write 1x or more")
                value = 1.0
            numbers = {"value": value}
        elif kind == "constant":
            numbers = {"value": float(out.number(block, (*path, kind), units.NUMBER, 1.0))}
            if numbers["value"] <= 0.0:
                out.fault(
                    (*path, kind), "'constant' is not above zero", "write the dollars of margin a share"
                )
                numbers = {"value": 1.0}
        else:
            unit = units.LEVERAGE if kind == "pattern_day_trading" else units.PERCENT
            numbers = {
                key: out.number(value, (*path, kind, key), unit, 1.0)
                for key, value in (block or {}).items()
                if value is not None
            }
            for key, value in numbers.items():
                if value <= 0.0:
                    out.fault((*path, kind, key), f"'{key}' is zero", "write a number above zero")
                    numbers = {}
                    break
    if account == "cash" and kind != "cash":
        at = path if isinstance(model, str) else (*path, kind, KEY)
        out.fault(
            at,
            f"a cash account cannot have the margin model '{kind}'",
            f"write {path[0]}: cash, or brokerage: {{account: margin}}"
            if len(path) == 1
            else "take it away, or write brokerage: {account: margin}",
        )
    return kind, numbers


def read_time_in_force(value: Any, path: Path, brokerage: str, out: Reading) -> tuple[str, int]:
    """(time in force, last day or 0); a fault when the brokerage cannot do it."""
    if isinstance(value, str):
        word, day = value, 0
    else:
        word, day = "good_till_date", out.date(value.get("good_till"), (*path, "good_till")) or 0
    able = BROKERAGES[brokerage]["times_in_force"]
    if word not in able:
        names = [{"good_till_date": "{good_till: DATE}"}.get(name, name) for name in able]
        what = f"'{word}'" if isinstance(value, str) else "'good_till'"
        place = path if isinstance(value, str) else (*path, "good_till", KEY)
        out.fault(
            place,
            f"brokerage {brokerage} has no time in force {what}",
            f"write time_in_force: {choices(names)}",
        )
        return "day", 0
    return word, day


def check_kind(kind: str, path: Path, brokerage: str, out: Reading) -> bool:
    """Whether the brokerage takes this kind of order; a fault when it does not."""
    able = BROKERAGES[brokerage]["order_kinds"]
    if ORDER_KINDS[kind] not in able:
        names = [name for name, number in ORDER_KINDS.items() if number in able]
        out.fault(path, f"brokerage {brokerage} takes no '{kind}' orders", f"write {choices(names)}")
        return False
    return True
