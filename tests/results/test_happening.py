"""What people read as it happens. Expected lines are written by hand."""

import pytest

from runner.market import events
from runner.market.events import Record
from runner.results.happening import ALARMING, TOLD, rings, sentence
from tests.made import at

NAMES = (
    ["SPY", "IBM"],
    ["join the trend"],
    ["the account says so", "mary: lunch", "gateway: disconnected", "feeds: IBM late"],
)


def line(kind, **fields):
    row = Record(time=at("2026-11-20", "09:31"), kind=kind, symbol=-1, rule=-1, text=-1)
    for name, value in fields.items():
        setattr(row, name, value)
    return sentence(plain(row), *NAMES)


def plain(row):
    return {name: getattr(row, name) for name in Record.dtype.names}


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (events.MISSED, {"rule": 0, "symbol": 0}, "missed: join the trend of SPY"),
        (events.MISSED, {"rule": 0}, "missed: join the trend"),
        (events.RAN_LATE, {"rule": 0, "symbol": 1, "good_till": at("2026-11-20", "09:30")},
         "late: join the trend of IBM, due at 2026-11-20 09:30:00"),
        (events.HOLE, {"symbol": 0, "quantity": 30, "good_till": at("2026-11-19", "16:00")},
         "30 bars of SPY are nowhere to be had, after 2026-11-19 16:00:00; its indicators begin anew"),
        (events.BARS_LOST, {"symbol": 0, "quantity": 1, "good_till": at("2026-11-19", "16:00")},
         "1 bar of SPY is nowhere to be had, after 2026-11-19 16:00:00"),
        (events.OPENING_CASH, {"amount": 100_000_000_000}, "begins with $100,000.00"),
        (events.OPENING_POSITION, {"symbol": 1, "quantity": 10, "price": 10.0, "amount": 90_000_000},
         "begins with 10 IBM, which cost $90.00"),
        (events.ADOPTED, {"symbol": 0, "quantity": 5, "price": 10.0, "text": 0},
         "taken over from the account: +5 SPY at 10.00 (the account says so)"),
        (events.MISMATCH, {"symbol": 0, "quantity": -5, "text": 0},
         "the account has -5 SPY beside the run's own (the account says so)"),
        (events.PAUSED, {"text": 1}, "paused mary: lunch"),
        (events.UPDATED, {"symbol": 0, "order": 2, "quantity": 150, "limit": 168.18, "rule": 0},
         "order 2: changed to buy 150 SPY at 168.18 or better (join the trend)"),
        (events.SPLIT, {"symbol": 0, "price": 2.0, "quantity": 200},
         "split of SPY: 2 new shares for one; 200 shares held"),
        (events.DIVIDEND, {"symbol": 1, "price": 0.155, "quantity": 371, "amount": 57_505_000},
         "dividend of IBM: 371 shares at $0.155, $57.50"),
        (events.PATTERN_DAY_TRADER, {"quantity": 4, "amount": 99_867_180_000},
         "pattern day trader from now on: 4 day trades in five sessions, equity $99,867.18"),
        (events.FILLED, {"symbol": 1, "order": 1, "quantity": -371, "price": 80.7, "fee": 1_300_000},
         "order 1: sold 371 IBM at 80.70, fee $1.30"),
        (events.TOLD, {"text": 2}, "gateway: disconnected"),
        (events.TOLD, {"text": 3, "symbol": 1}, "feeds: IBM late, IBM"),
    ],
)  # fmt: skip
def test_lines_of_a_live_run(kind, fields, words):
    assert line(kind, **fields) == f"2026-11-20 09:31:00 {words}"


def test_what_rings_is_told_too():
    assert ALARMING <= TOLD
    row = Record(kind=events.TOLD, text=2)
    assert rings(plain(row), NAMES[2])
    assert not rings(plain(Record(kind=events.TOLD, text=3)), NAMES[2])
    assert rings(plain(Record(kind=events.PAUSED, text=1)), NAMES[2])
