"""Kernel against loop: one strategy over generated minute bars of one year, the same journal from both."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from runner import assemble
from runner.adapters.sessions import calendar
from runner.language.source import load
from runner.language.validate import understand
from runner.market.bar import MINUTE
from runner.results.tables import journal_text

DOCUMENT = """\
version: 1
name: minutes
universe: {{symbols: [{symbols}]}}
data: {{source: {{csv: {{path: "{{symbol}}.csv"}}}}, resolution: 1m}}
indicators:
  fast: {{ema: 20}}
  slow: {{ema: 80}}
rules:
  - {{name: in, when: fast crosses above slow, enter: long, size: {{percent_of_equity: 20%}}}}
  - {{name: out, when: fast crosses below slow, exit: position}}
backtest: {{start: "2022-01-03", end: "2022-12-30", cash: 1000000}}
"""


def write_bars(folder: Path, symbols: list[str]) -> int:
    """A seeded random walk on the real calendar; returns the number of bars."""
    days = calendar(18_995, 19_356)  # 2022
    times = np.concatenate([np.arange(o, c, MINUTE) for o, c in zip(days.open, days.close, strict=True)])
    stamps = (times // 1000).astype("datetime64[us]").astype(str)
    for seed, symbol in enumerate(symbols):
        random = np.random.default_rng(seed)
        close = 100.0 * np.exp(np.cumsum(random.normal(0.0, 4e-4, len(times))))
        open_ = np.concatenate([[100.0], close[:-1]])
        high, low = np.maximum(open_, close) * 1.0002, np.minimum(open_, close) * 0.9998
        rows = (
            f"{t}Z,{o:.4f},{h:.4f},{lo:.4f},{c:.4f},1000"
            for t, o, h, lo, c in zip(stamps, open_, high, low, close, strict=True)
        )
        (folder / f"{symbol}.csv").write_text("time,open,high,low,close,volume\n" + "\n".join(rows) + "\n")
    return len(times) * len(symbols)


def main() -> None:
    symbols = ["AAA", "BBB", "CCC", "DDD"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bars = write_bars(folder, symbols)
        document = DOCUMENT.format(symbols=", ".join(symbols))
        program, problems = understand(load(document, "minutes.yaml"))
        assert program is not None, problems
        texts, times = {}, {}
        for driver in ("kernel", "loop", "kernel", "loop"):  # the first round compiles and fills the caches
            ready = assemble.backtest(program, document, folder, driver)
            start = time.perf_counter()
            run = assemble.run_backtest(ready)
            times[driver] = time.perf_counter() - start
            texts[driver] = journal_text(run.journal)
        records = texts["loop"].count("\n")
        print(f"{bars:,} bars, {len(program.spec.rules)} rules, {records:,} records")
        for driver, taken in times.items():
            print(f"{driver:<8}{taken:8.3f} s{bars / taken:14,.0f} bars a second")
        print(f"kernel is {times['loop'] / times['kernel']:.0f} times as fast as the loop; "
              f"journals {'equal' if texts['kernel'] == texts['loop'] else 'DIFFER'}")  # fmt: skip


if __name__ == "__main__":
    main()
