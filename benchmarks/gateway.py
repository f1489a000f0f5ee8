"""The gateway's client on the loopback, with its store on this disk: how long a call takes, how long until the order is
on the wire, how long until news of it is there, and how many orders a second go through.

    python benchmarks/gateway.py [FOLDER OF THE STORE]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu import Atreyu
from runner.adapters.atreyu_settings import AtreyuSettings, Credentials
from runner.adapters.atreyu_store import SqliteStore
from runner.adapters.clocks import WallClock
from runner.market.order import MARKET
from tests.gateway.adapter import Always, account
from tests.gateway.loopback import LOGON, Loopback


def quantiles(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"median {statistics.median(ordered) * 1e3:.2f} ms, 99 % {ordered[int(len(ordered) * 0.99)] * 1e3:.2f} ms"


def main(folder: Path, count: int = 300) -> None:
    arrived: dict[str, float] = {}
    number = 0

    def answer(body: dict) -> dict:
        nonlocal number
        if body["35"] == "A":
            return LOGON
        arrived[body["11"]] = time.perf_counter()
        number += 1
        report = {"MsgType": "ExecutionReport", "ExecTransType": "NEW", "ClOrdID": body["11"], "ExecType": "FILL",
                  "OrdStatus": "FILLED", "ExecID": f"E{number}", "LastShares": 10, "LastPx": 5.0, "CumQty": 10,
                  "LeavesQty": 0}  # fmt: skip
        there.publisher.send(json.dumps({"MsgSeqNum": number, **report}).encode())
        return {"status": 0}

    there = Loopback(answer)
    settings = AtreyuSettings(host="tcp://127.0.0.1", request_port=there.request_port,
                              subscription_port=there.subscription_port, client_id="C")  # fmt: skip
    store = SqliteStore(folder / "atreyu.db")
    client = Atreyu(settings, Credentials("u", "p"), store, WallClock(), Always(True), account())
    client.start()

    def wait(filled: int) -> None:
        while filled:
            one = client.next_news(5.0)
            assert one is not None
            filled -= one.kind == news.FILLED

    calls, wires, fills = [], [], []
    for one in range(count):  # one at a time
        began = time.perf_counter()
        client.place(f"A{one}", "SPY", 10, MARKET)
        calls.append(time.perf_counter() - began)
        wait(1)
        fills.append(time.perf_counter() - began)
        wires.append(arrived[client.snapshot().orders[f"A{one}"].ids[0]] - began)
    print(f"the call         {quantiles(calls)}")
    print(f"on the wire      {quantiles(wires)}")
    print(f"news of its fill {quantiles(fills)}")
    began = time.perf_counter()
    for one in range(count):  # all at once
        client.place(f"B{one}", "SPY", 10, MARKET)
    wait(count)
    print(f"{count / (time.perf_counter() - began):.0f} orders a second, placed all at once")
    client.stop()
    there.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
