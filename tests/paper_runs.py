"""Paper runs over tiny bars, with the facts that a runner writes: for the tests of those who read live journals."""

import json

from runner import assemble
from runner.adapters.live_journal import LiveJournal
from tests.test_live_loop import Stopped, live

FILLED_LATER = ("tallies", "last_day", "end")  # what is not known at the start


def facts(path, journal, **more):
    """Write the facts of a run that has ended, or (`ended=None`) has not."""
    header = {name: value for name, value in journal.header.items() if name not in FILLED_LATER}
    ended = more.pop("ended", journal.header["end"])
    runs = [{"started": header["start"], "ended": ended, "why": "finished", "version": "0", "code": ""}]
    values = {"header": header | {"mode": "paper"} | more, "runs": runs}
    if ended:
        values["tallies"] = journal.header["tallies"]
    store = LiveJournal(path)
    store.note(**{name: json.dumps(value) for name, value in values.items()})
    store.close()


def paper(ready, path, **more):
    """A whole paper run of `ready`; its journal."""
    journal = live(ready, path)
    facts(path, journal, **more)
    return journal


def cut_short(ready, path, inputs, **more):
    """A paper run that is killed after some inputs."""
    backtest = assemble.run_backtest(ready)
    try:
        live(ready, path, stop_after=inputs)
    except Stopped:
        facts(path, backtest.journal, ended=None, **more)
        return
    raise AssertionError("it came to its end")
