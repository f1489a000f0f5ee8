"""The market of `runner_kills.py`: a session of the past, played on a clock that goes on while the runner is dead."""

from __future__ import annotations

import threading
import time

SYMBOLS = ("KA", "KB", "KC", "KD", "KE", "KF")
SECOND = 1_000_000_000
OPEN = 1_381_239_000 * SECOND  # 2013-10-08 09:30 in New York
BEFORE = 600  # seconds of the session before the run
BEGIN = OPEN + BEFORE * SECOND
SPEED = 2.0  # seconds of the session in a second


class Market(threading.Thread):
    """Appends a bar of each symbol to the feed's file at every second of the session, at the broker's own prices."""

    def __init__(self, path, prices):
        super().__init__(daemon=True)
        self.prices, self.path = prices, path
        self.last = {symbol: float(prices.of(symbol)) for symbol in SYMBOLS}
        self.wall = time.time()
        self.quiet = threading.Event()
        self.ended = threading.Event()
        self.walk = prices.volatility

    def now(self):
        """The second of the session."""
        return BEGIN + int((time.time() - self.wall) * SPEED) * SECOND

    def run(self):
        with self.path.open("a", encoding="utf-8") as file:
            done = self.now()
            while not self.ended.wait(0.02):
                self.prices.volatility = 0.0 if self.quiet.is_set() else self.walk
                while done < self.now():
                    done += SECOND
                    for symbol in () if self.quiet.is_set() else SYMBOLS:
                        first, price = self.last[symbol], float(self.prices.of(symbol))
                        self.last[symbol] = price
                        low, high = min(first, price), max(first, price)
                        file.write(f"{symbol},{done},{first},{high},{low},{price},1000\n")
                    file.flush()

    def history(self, folder):
        """Files of the bars before the run."""
        folder.mkdir()
        for symbol, price in self.last.items():
            rows = [f"2013-10-08 09:{30 + i // 60:02d}:{i % 60:02d}" for i in range(BEFORE)]
            lines = "".join(f"{row},{price},{price},{price},{price},1000\n" for row in rows)
            (folder / f"{symbol}.csv").write_text(
                f"time,open,high,low,close,volume\n{lines}", encoding="utf-8"
            )
