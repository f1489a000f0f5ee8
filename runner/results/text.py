"""The summary in the terminal: plain text, aligned, 100 columns at most."""

from __future__ import annotations

from typing import Any

from runner.laws.refusals import REFUSALS
from runner.market import events
from runner.market.events import Journal
from runner.market.money import money_text
from runner.results import account_rules, controls, good_faith, live_run, protections
from runner.results.measures import Drawdown, Measures
from runner.results.reading import Reading
from runner.results.relative import Relative
from runner.results.times import date_text, moment

TALLIES = ("not_ready", "false", "gated", "skipped", "refused", "sent")
HEADS = ("not ready", "false", "gated", "skipped", "refused", "sent")


def percent(value: float | None, places: int = 2) -> str:
    """`0.0042` -> `0.42 %`; a dash when there is no figure."""
    return "-" if value is None else f"{value * 100:,.{places}f} %"


def number(value: float | None) -> str:
    """Two decimals, or a dash."""
    return "-" if value is None else f"{value:,.2f}"


def held_text(ns: int) -> str:
    """`2d 3h`, `4h 5m`, `12m`: how long something was held."""
    minutes = ns // 60_000_000_000
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days}d {hours}h" if hours else f"{days}d"
    return (f"{hours}h {rest}m" if rest else f"{hours}h") if hours else f"{rest}m"


def drawdown_text(drawdown: Drawdown) -> str:
    """`4.20 % (2013-10-07 to 2013-10-09, not recovered)`."""
    if not drawdown.depth:
        return "none"
    end = f"recovered {date_text(drawdown.recovered)}" if drawdown.recovered else "not recovered"
    return f"{percent(drawdown.depth)} ({date_text(drawdown.peak)} to {date_text(drawdown.trough)}, {end})"


def summary(reading: Reading) -> str:
    """Everything a person needs to judge whether the run did what was meant."""
    header = reading.journal.header
    parts = [
        _title(header),
        _figures(reading),
        _data(header),
        _why(reading),
        _positions(reading),
        _lean(reading),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def figure_rows(reading: Reading) -> list[tuple[str, str]]:
    """The key figures, label and text, for the terminal and the page."""
    m, header = reading.measures, reading.journal.header
    few = " (fewer than two sessions)" if len(m.returns) < 2 else ""
    short = ", too few to mean much" if len(m.equity) < 63 else ""
    trades = m.trades
    as_of = live_run.as_of(header, reading.journal.marks)
    rows = [
        *live_run.rows(header),
        ("Equity", f"{money_text(m.start_equity)} to {money_text(m.end_equity)}{as_of}"),
        *_flow_rows(m),
        ("Total return", percent(m.total_return)),
        ("Annual return", percent(m.annual_return) + f" from {_plural(len(m.equity), 'session')}{short}"),
        ("Volatility", percent(m.volatility) + few),
        ("Sharpe ratio", number(m.sharpe) + few),
        ("Sortino ratio", number(m.sortino) + few),
        ("Risk-free rate", _rate_text(header.get("risk_free", 0.0), m)),
        ("Largest drawdown", drawdown_text(m.drawdown)),
        (
            "Exposure",
            f"{percent(m.exposure, 1)} of equity on average, in the market {percent(m.time_in_market, 1)}",
        ),
        ("Turnover", f"{m.turnover:,.2f} times equity a year"),
        ("Orders", _orders_text(reading)),
        ("Trades", _trades_text(reading)),
    ]
    if trades.number:
        rows += [
            (
                "Average win",
                f"{money_text(trades.average_win)}, average loss {money_text(trades.average_loss)}",
            ),
            (
                "Profit factor",
                "no losing trade" if trades.profit_factor is None else number(trades.profit_factor),
            ),
            ("Average held", held_text(trades.average_held)),
        ]
    if reading.relative:
        rows.append((f"Against {reading.relative.name}", _against_text(reading.relative)))
    rows += controls.rows(reading.journal)
    rows += protections.rows(protections.protections(reading.journal))
    rows += account_rules.rows(account_rules.seen(reading.journal, reading.ledger, m.days), header)
    rows += good_faith.rows(reading.journal)
    rows.append(("Fees", money_text(m.fees)))
    if m.dividends:
        rows.append(("Dividends", money_text(m.dividends)))
    if m.interest:
        rows.append(("Interest", money_text(m.interest)))
    if m.best_day and m.worst_day and len(m.returns) > 1:
        best, worst = m.best_day, m.worst_day
        rows.append(("Best session", f"{percent(best[1])} on {date_text(best[0])}"))
        rows.append(("Worst session", f"{percent(worst[1])} on {date_text(worst[0])}"))
    return rows


def _against_text(found: Relative) -> str:
    """`3.20 % more, alpha 4.10 % a year, beta 0.80`."""
    excess = f"{abs(found.excess_return) * 100:,.2f} % {'more' if found.excess_return >= 0 else 'less'}"
    return f"{excess}, alpha {percent(found.alpha)} a year, beta {number(found.beta)}"


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _flow_rows(m: Measures) -> list[tuple[str, str]]:
    """What came and went without a trade, when anything did."""
    if not m.deposits and not m.withdrawals:
        return []
    return [("Deposits", f"{money_text(m.deposits)}, withdrawals {money_text(m.withdrawals)}: no profit")]


def _rate_text(rates: Any, m: Measures) -> str:
    given = "a number in the strategy" if isinstance(rates, int | float) else "mean of the rate file"
    return "0 (none given)" if not m.risk_free else f"{percent(m.risk_free)} a year ({given})"


def _orders_text(reading: Reading) -> str:
    states: dict[str, int] = {}
    for line in reading.orders:
        states[line.state] = states.get(line.state, 0) + 1
    detail = ", ".join(f"{count:,} {state}" for state, count in states.items())
    return f"{len(reading.orders):,}" + (f" ({detail})" if detail else "")


def _trades_text(reading: Reading) -> str:
    trades = reading.measures.trades
    still = sum(1 for holding in reading.ledger.holdings.values() if holding.quantity)
    open_text = f", {_plural(still, 'position')} still open" if still else ""
    if not trades.number:
        return f"none closed{open_text}"
    return f"{trades.number:,} closed, {percent(trades.win_rate, 0)} won{open_text}"


def title(header: dict[str, Any]) -> str:
    """`spy-hold: 2013-10-07 to 2013-10-11, SPY at 1m, conventions lean_2023, driver loop`."""
    symbols = header.get("symbols", [])
    shown = " ".join(symbols[:8]) + (f" and {len(symbols) - 8} more" if len(symbols) > 8 else "")
    sizes = sorted(set(header.get("resolution", {}).values()))
    parts = [
        f"{date_text(header['first_day'])} to {date_text(header['last_day'])}",
        shown + (f" at {', '.join(sizes)}" if sizes else ""),
    ]
    parts += [f"{key} {header[key]}" for key in ("conventions", "driver") if header.get(key)]
    parts += [live_run.MODES[header["mode"]]] if header.get("mode") in live_run.MODES else []
    return f"{header.get('strategy', 'strategy')}: " + ", ".join(part for part in parts if part)


def _title(header: dict[str, Any]) -> str:
    return title(header)


def _figures(reading: Reading) -> str:
    return _aligned(figure_rows(reading))


def _aligned(rows: list[tuple[str, str]]) -> str:
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"  {label:<{width}}  {value}".rstrip() for label, value in rows)


def data_notes(header: dict[str, Any]) -> list[str]:
    """What the data said about itself: notes, then what is missing."""
    data = header.get("data", {})
    notes = [str(note) for note in data.get("notes", [])]
    missing = data.get("missing", [])
    if isinstance(missing, dict):
        notes += [f"missing {symbol}: {_runs(runs)}" for symbol, runs in missing.items() if runs]
    else:
        notes += [f"missing: {item}" for item in missing]
    return notes


def _runs(runs: Any) -> str:
    if isinstance(runs, str):
        return runs
    texts = [f"{date_text(a)} to {date_text(b)}" if a != b else date_text(a) for a, b in runs]
    return ", ".join(texts[:5]) + (f" and {len(texts) - 5} more runs of sessions" if len(texts) > 5 else "")


def _data(header: dict[str, Any]) -> str:
    notes = data_notes(header)
    return "Data\n" + "\n".join(f"  {note}" for note in notes) if notes else ""


def rule_tallies(header: dict[str, Any]) -> dict[str, list[int]]:
    """Rule to its tallies in the order of TALLIES, summed over symbols; rules in file order."""
    sums: dict[str, list[int]] = {name: [0] * len(TALLIES) for name in header.get("rules", [])}
    for rule, symbols in (header.get("tallies") or {}).items():
        for counts in symbols.values():
            line = sums.setdefault(rule, [0] * len(TALLIES))
            for i, key in enumerate(TALLIES):
                line[i] += int(counts.get(key, 0))
    return sums


def refusal_counts(journal: Journal) -> list[tuple[int, str, str]]:
    """How often, which rule, and why: refused and skipped actions, rejected and invalid orders."""
    counts: dict[tuple[int, int, int], int] = {}
    wanted = (events.REFUSED, events.SKIPPED, events.REJECTED, events.INVALID)
    names = ("kind", "rule", "code")
    for kind, rule, code in zip(*(journal.records[name].tolist() for name in names), strict=True):
        if kind in wanted:
            key = (kind, rule, code)
            counts[key] = counts.get(key, 0) + 1
    rules = journal.header.get("rules", [])
    words = {
        events.REFUSED: "refused",
        events.SKIPPED: "skipped",
        events.REJECTED: "rejected",
        events.INVALID: "invalid",
    }
    return [
        (
            count,
            rules[rule] if 0 <= rule < len(rules) else "",
            f"{words[kind]}: {REFUSALS.get(code, f'code {code}')}",
        )
        for (kind, rule, code), count in sorted(counts.items(), key=lambda item: -item[1])
    ]


def _why(reading: Reading) -> str:
    """Why nothing was traded, rule by rule; after a run with fills only what was refused."""
    journal = reading.journal
    refusals = refusal_counts(journal)
    lines = [f"  {count:,} x {rule + ', ' if rule else ''}{reason}" for count, rule, reason in refusals]
    if reading.ledger.fills:
        return "Turned down\n" + "\n".join(lines) if lines else ""
    if journal.header.get("tallies", {}) is None:
        return "\n".join(["No order was filled.", f"  {live_run.UNKNOWN_TALLIES}", *lines])
    tallies = rule_tallies(journal.header)
    totals = [sum(line[i] for line in tallies.values()) for i in range(len(TALLIES))]
    equation = " + ".join(f"{head} {count:,}" for head, count in zip(HEADS, totals, strict=True))
    table: list[tuple[str, ...]] = [("rule", "bars", *HEADS)]
    table += [(rule, f"{sum(line):,}", *(f"{count:,}" for count in line)) for rule, line in tallies.items()]
    width = max(len(row[0]) for row in table)
    shown = [
        f"  {row[0]:<{width}}  {row[1]:>10}" + "".join(f" {cell:>10}" for cell in row[2:]) for row in table
    ]
    head = (
        "No order was filled. Where the bars went"
        if reading.orders
        else "No order was sent. Where the bars went"
    )
    body = [head, f"  bars x rules {sum(totals):,} = {equation}", "", *shown]
    return "\n".join([*body, "", *lines] if lines else body)


def _positions(reading: Reading) -> str:
    symbols = reading.journal.header["symbols"]
    held = [
        (symbols[s], f"{h.quantity:,} shares, cost {money_text(h.cost)}")
        for s, h in sorted(reading.ledger.holdings.items())
        if h.quantity
    ]
    if not held:
        return ""
    last = moment(int(reading.journal.marks["time"][-1])) if len(reading.journal.marks) else ""
    return f"Positions at the end{' (' + last + ' New York)' if last else ''}\n" + _aligned(held)


def _lean(reading: Reading) -> str:
    head = "LEAN's statistics"
    if not bool((reading.journal.marks["flags"] & events.MARK_DAY).any()):
        head += " (from session closes: this run was not sampled as LEAN samples)"
    rows = list(reading.statistics.items())
    half = (len(rows) + 1) // 2
    width = max(len(name) for name, _ in rows)
    lines = []
    for i in range(half):
        left = f"  {rows[i][0]:<{width}}  {rows[i][1]:<18}"
        right = f"{rows[i + half][0]:<{width}}  {rows[i + half][1]}" if i + half < len(rows) else ""
        lines.append(f"{left}  {right}".rstrip())
    return f"{head}\n" + "\n".join(lines)
