"""Random trading against the independent gateway's broker with every fault switched on; then the books are compared."""

import pytest

from tests.gateway.adapter import Adapter
from tests.gateway.stand_in import THERE, parts

pytestmark = pytest.mark.slow

# Chances for a request or message; restarts and expiries in seconds, so that all come within the run.
FAULTS = (
    "drop-request:0.02,drop-reply:0.02,late-reply:0.02,early:0.05,refuse:0.02,reject:0.02,cancel-reject:0.05,"
    "refuse-logon:0.1,gap:0.05,dup:0.05,swap:0.05,noise:0.05,restart-every:7s,bounce-every:11s,expire-every:13s"
)


def test_the_books_agree():
    if not THERE:
        pytest.skip("needs ../shared/gateway")
    soak = parts()[3].Soak(Adapter, seed=1, fault=FAULTS, symbols=5, rate=10)
    try:
        soak.trade(20)
        differences = soak.settle()
        state = soak.broker.state()
    finally:
        soak.close()
        soak.sim.loop.close()
    assert not differences
    assert not state["violations"]
    assert len(state["orders"]) > 20
    assert {"drop-request", "drop-reply", "gap", "dup", "swap", "restart-every"} & set(state["faults"])
