"""Live runs that begin with an account, over hand-made bars, with notices at given times."""

from runner import assemble
from runner.adapters.clocks import SimulatedClock
from runner.adapters.desk import Desk
from runner.adapters.live_journal import LiveJournal
from runner.adapters.replay import Replay
from runner.adapters.simulated import SimulatedBroker
from runner.engine import live_day, live_start, opening_account
from runner.engine.live_instants import LiveInstants
from runner.engine.loop import Loop
from runner.engine.world import Growth
from runner.market.events import MARK_SESSION
from tests import made
from tests.engine import tiny

BARS = "Mon 09:31 100 100 100 100; Mon 16:00 110 110 110 110; Tue 09:31 120 120 120 120; Tue 16:00 121 121 121 121"


class Scripted(Desk):
    """Notices that are posted when the clock has come to their time."""

    def __init__(self, script, clock):
        super().__init__()
        self.script = [
            (made.at(tiny.date_of(when.split()[0]), when.split()[1]), notice) for when, notice in script
        ]
        self.clock = clock

    def waiting(self):
        while self.script and self.script[0][0] <= self.clock.now():
            self.post(self.script.pop(0)[1])
        return super().waiting()


def run(folder, rules, opening, script=(), bars=BARS, most=0.0, **plan):
    """The whole run, live over the bars of a backtest; `opening` is what the outside says now. `script`: when and what
    notices are posted; they are heard at the next instant."""
    ready = tiny.ready(rules, bars, folder, **plan)
    program, prepared, days = ready.program, ready.prepared, ready.calendar
    begin = days.midnight_of(prepared.first_day)
    past = live_start.past_bars(program, ready.history, days, prepared.first_day, begin)
    first = live_day.lay_out(program, ready.history, days, prepared.first_day)
    started = live_start.start(program, days, first, past, begin)
    journal = LiveJournal(folder / "live.db")
    journal.use_texts(started.rules.texts)
    opening_account.put(
        started.world, program.spec.symbols, opening_account.heard(journal, lambda: opening(begin))
    )
    opening_account.limit(started.world, most)
    clock = SimulatedClock(begin)
    instants = LiveInstants(
        program, days, lambda day: live_day.lay_out(program, ready.history, days, day), Replay(prepared.bars, begin),
        clock, started.store, lambda: False, prepared.last_day, journal, Scripted(script, clock),
    )  # fmt: skip
    broker = SimulatedBroker(started.world)
    Loop(started.world, instants, Growth(compiled=False), broker, journal, True, started.rules.texts).run()
    found = journal.finished(assemble.header(ready, started.world), started.rules.texts)
    journal.close()
    return found


def told(journal):
    """Every record as a sentence."""
    return [tiny.sentence(journal, line) for line in journal.records]


def sessions(journal):
    """Equity at each session's close, millionths."""
    return journal.marks["equity"][journal.marks["flags"] & MARK_SESSION > 0].tolist()
