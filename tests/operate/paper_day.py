"""A process that runs a paper day (or a live one, through a gateway) of minutes, played at some speed: `python -m tests.operate.paper_day WORK`.

Only its clock and its bars are not a user's: the market is closed when tests run. WORK (JSON): `folder` with strategy.yaml and
the CSV of its bars, `begin` (ns UTC) and `wall` (s): the played instant and the time of the machine at its first start;
`mode`, `environment` of a live one.
"""

import json
import sys
import time
from pathlib import Path

from runner.adapters.clocks import ReplayClock
from runner.adapters.replay import Replay
from runner.assemble.deployment import Deployment, Rehearsed
from runner.assemble.past import history_of
from runner.commands.live import FINE, STOPPED
from runner.language.source import load
from runner.language.validate import understand
from runner.operate import live as operating
from tests.gateway.adapter import Always


def main(words):
    work = json.loads(words[0])
    folder = Path(work["folder"])
    text = (folder / "strategy.yaml").read_text(encoding="utf-8")
    program, problems = understand(load(text, "strategy.yaml"))
    assert not problems, problems
    begin, day = work["begin"], work["begin"] // 86_400_000_000_000
    clock = ReplayClock(begin + int((time.time() - work["wall"]) * work["speed"] * 1e9), work["speed"])
    spec = program.spec
    rows = {
        symbol: history_of(spec, folder).bars(symbol, "1m", day, day, "raw", False) for symbol in spec.symbols
    }
    rehearsed = Rehearsed(clock, Replay(rows, begin), Always(True), begin)
    mode = work["mode"]
    state = folder / "runs" / spec.name / mode
    deployment = Deployment(program, text, folder, mode, state, work["environment"], {})
    stop = operating.operate(deployment, lambda line: print(line, flush=True), rehearsed=rehearsed)
    sys.exit(STOPPED.get(stop.why, FINE))


if __name__ == "__main__":
    main(sys.argv[1:])
