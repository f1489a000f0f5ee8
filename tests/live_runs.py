"""A live run on a clock that the test gives: it is down for a while, its clock is set, its machine sleeps."""

from runner import assemble
from runner.adapters.bar_grid import BarGrid
from runner.adapters.feed_past import PastBars
from runner.adapters.feed_settings import FeedSettings
from runner.adapters.live_feed import LiveFeed
from runner.adapters.live_journal import LiveJournal
from runner.adapters.replay import Replay
from runner.adapters.simulated import SimulatedBroker
from runner.engine import live_day, live_start, readiness
from runner.engine.live_instants import LiveInstants
from runner.engine.loop import Loop
from runner.engine.world import Growth
from runner.market.bar import SECOND

FAST = (
    1000  # looks of the run are so many times as seldom, and its waits are said to be so many times as short
)


class Scripted:
    """Time passes only while somebody waits. `sets`: (real ns since the start, ns by which the clock is then set);
    `stop`: what the clock shows when the process ends."""

    jumps = False
    speed = float(FAST)

    def __init__(self, start, stop=None, sets=()):
        self.real, self.start, self.stop = 0, start, stop
        self.sets = sorted(sets)

    def now(self):
        return self.start + self.real + sum(by for at, by in self.sets if at <= self.real)

    def wait_until(self, instant):
        while (now := self.now()) < instant:
            if self.stop is not None and now >= self.stop:
                return False
            coming = [at - self.real for at, _ in self.sets if at > self.real]
            if self.stop is not None:
                coming.append(self.stop - now)
            self.real += min([instant - now, *coming])
        return self.stop is None or self.now() < self.stop


class Wire:
    """Bars as they come over a wire: each at its end, to whoever listens then."""

    name = "wire"

    def __init__(self, bars, clock):
        self.clock = clock
        self.replay = Replay(bars, clock.now() + 1)

    def poll(self, instant):
        return self.replay.until(self.clock.now())

    def close(self):
        pass


def run(
    ready,
    path,
    clock,
    begin,
    *,
    history=None,
    late_after=60,
    bar_wait=2,
    journal=None,
    said=None,
    waiting=None,
):
    """The run of `ready`'s bars on `clock`, from the journal at `path` or anew. Returns its journal and its columns.
    `said`: a list for what is said of the rules that sleep."""
    program, days = ready.program, ready.calendar
    history = ready.history if history is None else history
    day = days.day_of(begin)
    past = live_start.past_bars(program, history, days, day, begin)
    lay_out = lambda day: live_day.lay_out(program, ready.history, days, day)  # noqa: E731
    started = live_start.start(program, days, lay_out(day), past, begin)
    spec, shares = program.spec, {}
    grid = BarGrid(days, live_day.steps(program), spec.data.extended_hours)
    told = [PastBars(program, history, days, day), Wire(ready.prepared.bars, clock)]
    feed = LiveFeed(told, grid, clock, FeedSettings(bar_wait=bar_wait / FAST), begin)
    log = journal or LiveJournal(path)
    log.use_texts(started.rules.texts)
    instants = LiveInstants(
        program, days, lay_out, feed, clock, started.store, waiting or (lambda: False), ready.prepared.last_day, log,
        newest=live_start.newest_of(past), late_after=late_after / FAST, shares=shares,
    )  # fmt: skip
    if said is not None:
        instants.begun = lambda: said.extend(
            readiness.lines(readiness.sleeping(program, started.store, days, clock.now()))
        )
    loop = Loop(
        started.world, instants, Growth(compiled=False), SimulatedBroker(started.world), log, ahead=True,
        texts=started.rules.texts,
    )  # fmt: skip
    try:
        loop.run()
        found = log.finished(assemble.header(ready, started.world), started.rules.texts)
        return found, [column.copy() for column in started.store.values]
    finally:
        log.close()


def minutes(first, closes, day="Mon", symbol="A"):
    """Bars of a minute from `first` (HH:MM, an end) on, with their closes, as `tests/engine/tiny.py` reads them."""
    hour, minute = map(int, first.split(":"))
    lines, before = [], closes[0]
    for i, close in enumerate(closes):
        at = hour * 60 + minute + i
        head = f"{symbol}@{day} {at // 60:02d}:{at % 60:02d}"
        lines.append(f"{head} {before} {max(before, close)} {min(before, close)} {close}")
        before = close
    return "; ".join(lines)


def seconds(count):
    return count * SECOND
