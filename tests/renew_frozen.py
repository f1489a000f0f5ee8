"""Figures of the project's strategies, kept in `frozen/NAME.json`: guards against change, not proof of anything.

A frozen figure is what the engine said on the day it was frozen. It does not show that the figure is right (the
worked tables, the golden cases and the hand calculations do that); it shows that a change of the code changes
the outcome of a strategy, so that the change is meant and not found by a user.

When a change is meant, renew them and read the difference before committing it:

    python -m tests.renew_frozen            every strategy
    python -m tests.renew_frozen ema_cross  some
    python -m tests.renew_frozen --check    print the difference, write nothing; exit code 1 if there is one
"""

import json
import sys
from pathlib import Path

import numpy as np

from runner import assemble
from runner.language.source import load
from runner.language.validate import understand
from runner.market.events import RECORD_KINDS
from runner.market.money import MICROS
from runner.results.reading import read
from runner.results.tables import dollars

ROOT = Path(__file__).resolve().parents[1]
STRATEGIES = sorted((ROOT / "strategies").rglob("*.yaml"))
FROZEN = Path(__file__).parent / "frozen"
STATISTICS = (
    "Total Orders", "Net Profit", "Compounding Annual Return", "Drawdown", "Sharpe Ratio", "Sortino Ratio",
    "Win Rate", "Profit-Loss Ratio", "Total Fees", "Portfolio Turnover",
)  # fmt: skip
SOME = 3  # fills shown from the beginning and from the end


def frozen(path):
    """Where the figures of a strategy are kept."""
    return FROZEN / f"{path.stem}.json"


def program_of(path):
    """The strategy's program and text; any problem of it is a failure."""
    text = path.read_text(encoding="utf-8")
    program, problems = understand(load(text, path.name))
    assert program is not None, "\n".join(problem.text() for problem in problems)
    return program, text


def figures(path):
    """What is frozen of a strategy, by the plain loop: exact dollars as text, counts, statistics as shown."""
    program, text = program_of(path)
    done = assemble.run_backtest(assemble.backtest(program, text, path.parent, "loop"))
    reading = read(done.journal, done.bars)
    kinds, counts = np.unique(done.journal.records["kind"], return_counts=True)
    fills = [
        f"{np.datetime64(fill.time, 'ns').astype('M8[s]')}Z {fill.quantity:+d} "
        f"{done.journal.header['symbols'][fill.symbol]} @ {fill.price!r}"
        for fill in reading.ledger.fills
    ]
    return {
        "end_equity": dollars(int(done.journal.marks["equity"][-1])),
        "cash": dollars(reading.ledger.cash),
        "fees": dollars(sum(fill.fee for fill in reading.ledger.fills)),
        "traded": dollars(sum(abs(fill.amount) for fill in reading.ledger.fills)),
        "dividends": f"{reading.measures.dividends / MICROS:.2f}",
        "sessions": len(reading.measures.equity),
        "records": {
            RECORD_KINDS[kind][0]: count for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)
        },
        "first_fills": fills[:SOME],
        "last_fills": fills[-SOME:],
        "statistics": {name: reading.statistics[name] for name in STATISTICS},
    }


def kept(path):
    """The frozen figures, or nothing."""
    place = frozen(path)
    return json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}


def difference(was, now, at=""):
    """`fees: 554.76 -> 560.00`, one line for each figure that is not what it was."""
    if isinstance(was, dict) and isinstance(now, dict):
        lines = []
        for key in dict.fromkeys([*was, *now]):
            lines += difference(was.get(key), now.get(key), f"{at}.{key}" if at else key)
        return lines
    return (
        []
        if was == now
        else [f"{at}: {'nothing' if was is None else was} -> {'nothing' if now is None else now}"]
    )


def main(words):
    """Renew (or `--check`) the strategies named, or all; prints every difference. Returns the exit code."""
    check = "--check" in words
    names = [word for word in words if word != "--check"]
    unknown = set(names) - {path.stem for path in STRATEGIES}
    if unknown:
        print(f"no strategy is called {', '.join(sorted(unknown))}")
        return 2
    changed = False
    for path in STRATEGIES:
        if names and path.stem not in names:
            continue
        if program_of(path)[0].spec.data.source == "lean" and not (ROOT.parent / "shared").is_dir():
            print(f"{path.stem}: not renewed, it needs ../shared")
            continue
        now = figures(path)
        lines = difference(kept(path), now)
        changed = changed or bool(lines)
        print(f"{path.stem}: {'unchanged' if not lines else f'{len(lines)} figures differ'}")
        for line in lines:
            print(f"    {line}")
        if not check:
            FROZEN.mkdir(exist_ok=True)
            frozen(path).write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
