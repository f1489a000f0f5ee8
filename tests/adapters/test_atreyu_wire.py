"""Messages of the gateway: requests as section 6 of the protocol sheet has them, samples of section 8, and rubbish."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.adapters import atreyu_wire as wire

T = 1_611_869_777_638_000_000  # 2021-01-28 21:36:17.638 UTC, the time of the sheet's logon


def test_times():
    assert wire.fix_time(T) == "20210128-21:36:17.638"
    assert wire.read_time("20210128-21:36:17.638") == T
    assert (
        wire.read_time("20210204-19:36:47") == 1_612_467_407_000_000_000
    )  # without milliseconds (section 8)
    assert wire.read_time("yesterday") is None


def test_a_limit_order():
    body = wire.new_order("CLIENT1", "A1", T, "SPY", wire.BUY, "2", 100, 5.25, True, None)
    assert json.loads(wire.encode(body)) == {
        "35": "D", "109": "CLIENT1", "11": "A1", "54": "1", "55": "SPY", "38": 100, "40": "2", "44": 5.25, "59": "0",
        "60": "20210128-21:36:17.638", "1": "DEFAULT", "99": 0.0, "7552": "P",
    }  # fmt: skip


def test_a_short_sale_names_the_broker_and_a_plain_one_does_not():
    short = wire.new_order("C", "A1", T, "SPY", wire.SELL_SHORT, "1", 7, 0.0, False, ("ABCD", "N"))
    assert (short["54"], short["5700"], short["114"], short["44"]) == ("5", "ABCD", "N", 0.0)
    plain = wire.new_order("C", "A1", T, "SPY", wire.SELL, "5", 7, 0.0, False, ("ABCD", "N"))
    assert not {"5700", "114", "7552"} & set(plain)


def test_names_of_requests():
    """1 to 20 letters and digits (section 10); the same request has the same name, another has another."""
    one = wire.request_id("account", "CLIENT1", "rule-1", 0, 0)
    assert len(one) == 20
    assert set(one) <= set(wire.ALPHABET)
    assert one == wire.request_id("account", "CLIENT1", "rule-1", 0, 0)
    others = {wire.request_id("account", "CLIENT1", "rule-1", 0, n) for n in range(1000)}
    assert len(others) == 1000


def test_replies():
    taken = wire.read_reply(b'{"MsgType":"D","status":0,"ClOrdID":"x","Text":""}')
    assert (taken.status, taken.text) == (0, "")
    refused = wire.read_reply(b'{"MsgType":"Logon","status":121,"58":"FLIRT ERROR - INVALID PASSWORD"}')
    assert (refused.status, refused.text) == (121, "FLIRT ERROR - INVALID PASSWORD")
    logon = wire.read_reply(
        b'{"sessionid":"6070afc5","positions":[{"ClientID":"QC-TEST3","Symbol":"AGAPL","SecurityType":"CS",'
        b'"PosType":"TRADE_QTY","LongQty":0,"ShortQty":12}],"orders":[],"MsgType":"Logon","status":0,'
        b'"Text":"FIX Connection OK","SendingTime":"20210128-21:36:17.638"}'
    )
    assert logon.session == "6070afc5"
    assert wire.shares_of(logon.positions[0]) == -12


def test_the_sample_of_a_replaced_order():
    """Section 8: replaced, the words of OrdStatus; names of keys without regard to case."""
    raw = (
        b'{"MsgType":"ExecutionReport","SendingTime":"20210204-18:24:07.374","AvgPx":0,"CLORDID":"99fe","CumQty":0,'
        b'"ExecID":"E-3553951748","ExecTransType":"NEW","LastPx":0,"LastShares":0,"OrderID":"O-3553951746","OrderQty":110,'
        b'"OrdStatus":"REPLACED","OrigClOrdID":"de45","Price":50,"Side":"BUY","Symbol":"BAC","ExecType":"REPLACE",'
        b'"LeavesQty":110,"SecondaryOrderID":"de45","status":0,"MsgSeqNum":12,"PossDupFlag":true}'
    )
    message = wire.read_message(raw)
    assert (message.kind, message.number, message.repeated) == ("executionreport", 12, True)
    report = wire.read_report(message.fields)
    assert (report.what, report.status, report.ids) == ("REPLACED", "REPLACED", ("99fe", "de45"))
    assert (report.quantity, report.total, report.leaves, report.limit) == (110, 0, 110, 50.0)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b'"text"', b"{", b"null", b'{"status":0}', b'{"MsgType":null}', b"\xff\xfe", b"[" * 5000,
     b'{"MsgType":"X","MsgSeqNum":"many"}', b'{"MsgType":"X","MsgSeqNum":1.5}', b'{"MsgType":"X","MsgSeqNum":true}'],
)  # fmt: skip
def test_what_is_no_message_is_named(raw):
    with pytest.raises(wire.Malformed):
        wire.read_message(raw)


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"Text":"?"}', b'{"status":null}', b'{"status":"no"}'])
def test_what_is_no_reply_is_named(raw):
    with pytest.raises(wire.Malformed):
        wire.read_reply(raw)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
NAMES = st.sampled_from(
    ["MsgType", "MsgSeqNum", "PossDupFlag", "ExecType", "OrdStatus", "ExecTransType", "ExecID", "ClOrdID", "OrderQty",
     "CumQty", "LeavesQty", "LastShares", "LastPx", "AvgPx", "Price", "status", "Text", "orders", "positions", "sessionid",
     "SendingTime", "Symbol", "LongQty", "ShortQty"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow])  # a loaded machine is no fault of the reader
@given(st.dictionaries(NAMES, PLAIN, max_size=12))
def test_no_content_breaks_the_reading(body):
    raw = json.dumps(body).encode()
    for read in (wire.read_message, wire.read_reply):
        try:
            found = read(raw)
        except wire.Malformed:
            continue
        if isinstance(found, wire.Message):
            wire.read_report(found.fields)
            wire.read_turned(found.fields)
            wire.shares_of(found.fields)


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reading(raw):
    for read in (wire.read_message, wire.read_reply):
        try:
            read(raw)
        except wire.Malformed:
            continue
