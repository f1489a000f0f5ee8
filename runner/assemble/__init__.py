"""Spec and mode to a ready run: the only storey that names concrete parts. It may choose, not compute.

`past.py` makes a backtest, `live.py` a live or paper run.
"""

from runner.assemble.past import Backtest as Backtest
from runner.assemble.past import Run as Run
from runner.assemble.past import backtest as backtest
from runner.assemble.past import header as header
from runner.assemble.past import history_of as history_of
from runner.assemble.past import run_backtest as run_backtest
