"""The client on a real loopback: credentials, the disk, restarts, threads. Nothing here needs `../shared`."""

import json
import pickle
import sqlite3
import subprocess
import sys
import time

import pytest

from runner.adapters import atreyu_news as news
from runner.adapters.atreyu import Atreyu, LogonRefused
from runner.adapters.atreyu_orders import OrderRefused
from runner.adapters.atreyu_settings import AtreyuSettings, Credentials, from_environment
from runner.adapters.atreyu_store import SqliteStore, StoreFault
from runner.adapters.clocks import WallClock
from runner.market.order import LIMIT, MARKET, MARKET_ON_CLOSE, STOP
from tests.conftest import ROOT
from tests.gateway.adapter import Always, account
from tests.gateway.loopback import LOGON, Loopback

USER, PASSWORD = "mallory-user", "hunter2-secret"
REPORT = {"MsgType": "ExecutionReport", "ExecTransType": "NEW"}


@pytest.fixture
def gateway():
    opened = []

    def make(answer=None):
        opened.append(Loopback(answer))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def client(gateway, folder, market=True, store=None, **more):
    settings = AtreyuSettings(
        host="tcp://127.0.0.1", request_port=gateway.request_port, subscription_port=gateway.subscription_port,
        client_id="CLIENT1", **{"request_timeout": 0.5, "heartbeat_timeout": 5.0, "check_interval": 0.2, **more},
    )  # fmt: skip
    store = store or SqliteStore(folder / "atreyu.db")
    return Atreyu(settings, Credentials(USER, PASSWORD), store, WallClock(), Always(market), account())


def heard(made, kind, seconds=3.0):
    """The next news of a kind; everything told until then."""
    told, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        one = made.next_news(0.05)
        if one is not None:
            told.append(one)
            if one.kind == kind:
                return one, told
    raise AssertionError(f"no {kind} in {[one.kind for one in told]}")


# -- credentials -------------------------------------------------------------------------------------------------


def test_credentials_are_in_the_logon_and_nowhere_else(gateway, tmp_path):
    """The gateway echoes them in its refusals; no text, store, name of a thread or object of ours shows them."""
    echo = {"status": 121, "58": f"INVALID PASSWORD {PASSWORD} OF {USER}"}
    accept = iter([echo, LOGON])
    there = gateway(lambda body: next(accept) if body["35"] == "A" else {**echo, "status": 1132})
    refused = client(there, tmp_path)
    with pytest.raises(LogonRefused) as raised:
        refused.start()
    seen = [str(raised.value), repr(raised.value), repr(vars(refused))]
    made = client(there, tmp_path)
    made.start()
    made.place("A", "SPY", 10, MARKET)
    one, told = heard(made, news.REJECTED)
    assert one.text == "INVALID PASSWORD *** OF ***"
    seen += [repr(entry) for entry in told] + [repr(made.snapshot()), repr(made.health())]
    seen += [path.read_bytes().decode("latin-1") for path in tmp_path.iterdir()]
    made.stop()
    seen += [path.read_bytes().decode("latin-1") for path in tmp_path.iterdir()]
    assert there.requests[0]["554"] == PASSWORD
    assert not [text for text in seen if PASSWORD in text or USER in text]
    assert not [one for one in there.requests if one["35"] != "A" and PASSWORD in json.dumps(one)]
    with pytest.raises(TypeError):
        pickle.dumps(Credentials(USER, PASSWORD))


def test_what_the_environment_lacks_is_said_all_at_once():
    found, credentials, problems = from_environment(
        {
            "ATREYU_HOST": "gateway.example",
            "ATREYU_REQ_PORT": "x1",
            "ATREYU_PASSWORD": PASSWORD,
            "ATREYU_LOCATE_RQD": "no",
        }
    )
    assert credentials is None
    assert PASSWORD not in repr((found, problems))
    assert problems == [
        "ATREYU_SUB_PORT is missing: put it into the environment",
        "ATREYU_CLIENT_ID is missing: put it into the environment",
        "ATREYU_USERNAME is missing: put it into the environment",
        "ATREYU_REQ_PORT is 'x1', no port: write a whole number from 1 to 65535",
        "ATREYU_HOST is 'gateway.example', without a scheme: write tcp://gateway.example",
        "ATREYU_LOCATE_RQD is neither Y nor N",
    ]
    whole = {
        "ATREYU_HOST": "tcp://gateway.example", "ATREYU_REQ_PORT": "24686", "ATREYU_SUB_PORT": "24687",
        "ATREYU_CLIENT_ID": "C1", "ATREYU_USERNAME": USER, "ATREYU_PASSWORD": PASSWORD,
    }  # fmt: skip
    found, credentials, problems = from_environment(whole)
    assert not problems
    assert credentials.reveal() == (USER, PASSWORD)
    assert AtreyuSettings(**found).request_port == 24686


# -- the store ---------------------------------------------------------------------------------------------------


def test_a_full_disk_sends_nothing(gateway, tmp_path):
    there = gateway()
    store = SqliteStore(tmp_path / "atreyu.db")
    made = client(there, tmp_path, store=store)
    made.start()
    made.place("A", "SPY", 10, MARKET)
    until = time.monotonic() + 3
    while there.kinds().count("D") < 1 and time.monotonic() < until:
        time.sleep(0.01)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count={pages}")

    def place_many():
        for number in range(200):
            made.place(f"B{number}", "SPY" * 50, 10, MARKET)

    with pytest.raises(StoreFault, match="full"):
        place_many()
    sent = there.kinds().count("D")
    time.sleep(0.3)
    with pytest.raises(StoreFault):
        made.cancel("A")
    assert there.kinds().count("D") - sent <= 1  # one may have been written down before
    names = {row[0] for row in store._db.execute("SELECT id FROM requests")}
    assert {one["11"] for one in there.requests if one["35"] == "D"} <= names
    assert heard(made, news.TROUBLE)[0].text.startswith("the store cannot be written")
    made.stop()


def test_one_runner_for_one_store(tmp_path):
    first = SqliteStore(tmp_path / "atreyu.db")
    with pytest.raises(StoreFault, match="in use by another process"):
        SqliteStore(tmp_path / "atreyu.db")
    first.close()
    SqliteStore(tmp_path / "atreyu.db").close()


def test_a_store_of_another_version_is_named(tmp_path):
    with sqlite3.connect(tmp_path / "atreyu.db") as other:
        other.execute("PRAGMA user_version=99")
    other.close()
    with pytest.raises(StoreFault, match=r"atreyu.db has version 99, this runner reads version 1"):
        SqliteStore(tmp_path / "atreyu.db")
    (tmp_path / "text.db").write_text(
        "no store at all, but a text that is long enough to be read as a header" * 9
    )
    with pytest.raises(StoreFault, match="cannot be used"):
        SqliteStore(tmp_path / "text.db")


def test_news_that_were_not_acknowledged_come_again(gateway, tmp_path):
    there = gateway()
    made = client(there, tmp_path)
    made.start()
    made.place("A", "SPY", 10, LIMIT, 5.0)
    until = time.monotonic() + 3
    while "D" not in there.kinds() and time.monotonic() < until:
        time.sleep(0.01)
    name = there.requests[-1]["11"]
    there.publish(
        1, **REPORT, ExecType="NEW", OrdStatus="NEW", ClOrdID=name, CumQty=0, LeavesQty=10, ExecID="E1"
    )
    there.publish(2, **REPORT, ExecType="FILL", OrdStatus="FILLED", ClOrdID=name, CumQty=10, LeavesQty=0, ExecID="E2",
                  LastShares=10, LastPx=4.5)  # fmt: skip
    accepted, _ = heard(made, news.ACCEPTED)
    filled, _ = heard(made, news.FILLED)
    assert (filled.shares, filled.amount, filled.fee) == (10, 45_000_000, 35_000)
    made.acknowledge(accepted.serial)
    made.stop()
    made = client(there, tmp_path)
    made.start()
    assert heard(made, news.FILLED)[0] == filled
    assert there.requests[-1]["MsgSeqNum"] == 2
    with pytest.raises(OrderRefused, match="placed before"):
        made.place("A", "SPY", 10, MARKET)
    assert made.snapshot().positions == {"SPY": 10}
    made.stop()


# -- what is turned down before it is sent -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (("SPY", 0, MARKET), "no number of shares"),
        (("SPY", 1.5, MARKET), "no number of shares"),
        (("SPY", True, MARKET), "no number of shares"),
        (("SPY", 10, STOP), "market, limit and market-on-close"),
        (("SPY", 10, LIMIT), "no limit price"),
        (("SPY", 10, LIMIT, float("nan")), "no limit price"),
        (("SPY", 10, MARKET_ON_CLOSE, 0.0, True), "only a limit order can be post-only"),
        (("SPY", -10, MARKET), "ATREYU_BROKER_MPID and ATREYU_LOCATE_RQD"),
    ],
)
def test_orders_that_cannot_be_sent(gateway, tmp_path, order, why):
    there = gateway()
    made = client(there, tmp_path)
    made.start()
    with pytest.raises(OrderRefused, match=why):
        made.place("A", *order)
    made.stop()
    assert there.kinds() == ["A"]


def test_without_a_session_nothing_is_sent_and_it_is_said(gateway, tmp_path):
    there = gateway(lambda body: {"status": 130, "58": "CLOSED"})
    made = client(there, tmp_path, market=False)
    made.start()
    made.place("A", "SPY", 10, MARKET)
    one, _ = heard(made, news.REJECTED)
    assert one.text == "not sent: no session with the gateway"
    made.stop()
    assert set(there.kinds()) == {"A"}


def test_a_gateway_that_is_not_there(tmp_path):
    there = Loopback()
    there.close()
    made = client(there, tmp_path, connect_timeout=0.3)
    with pytest.raises(LogonRefused, match="the subscription port does not answer"):
        made.start()
    made.stop()  # nothing is left to stop, and to say so is no fault


# -- threads -----------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_in_a_thread_is_not_silent(gateway, tmp_path, monkeypatch):
    there = gateway()
    made = client(there, tmp_path)
    made.start()

    def broken(*_):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("runner.adapters.atreyu_reader.apply", broken)
    there.publish(1, MsgType="News")

    def listen():
        until = time.monotonic() + 3
        while time.monotonic() < until:
            made.next_news(0.05)

    with pytest.raises(RuntimeError, match="has ended"):
        listen()
    with pytest.raises(RuntimeError, match="has ended"):
        made.place("A", "SPY", 10, MARKET)
    made.stop()


def test_a_clock_that_is_off_is_seen(gateway, tmp_path):
    there = gateway()
    made = client(there, tmp_path)
    made.start()
    there.publish(1, MsgType="Heartbeat", SendingTime="20210128-21:02:32.118")
    until = time.monotonic() + 3
    while made.health().skew is None and time.monotonic() < until:
        time.sleep(0.01)
    assert made.health().skew > 3 * 365 * 86_400 * 10**9
    made.stop()


def test_neither_validating_nor_a_backtest_loads_the_gateway(tmp_path):
    """What a command does not need it does not import (design, section 7)."""
    text = (
        "import sys\nfrom runner.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "assert not {'zmq', 'sqlite3', 'runner.adapters.atreyu'} & set(sys.modules), sorted(sys.modules)\n"
    )
    path = ROOT / "strategies" / "ema_cross.yaml"
    for words in (
        ["validate", str(path)],
        [str(path), "--out", str(tmp_path), "--driver", "loop", "--no-report"],
    ):
        done = subprocess.run([sys.executable, "-c", text, *words], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
