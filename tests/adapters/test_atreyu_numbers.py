"""The row of numbers (protocol sheet, section 4): by hand, and for any disorder that a replay mends."""

import json

from hypothesis import given
from hypothesis import strategies as st

from runner.adapters.atreyu_numbers import Row
from runner.adapters.atreyu_wire import fix_time, read_message


def message(number, text="", possdup=False, second=None):
    """A heartbeat; its SendingTime is its number's second, so that content and number go together."""
    body = {"MsgType": "Heartbeat", "Text": text, "SendingTime": fix_time((second or number or 0) * 10**9)}
    if number is not None:
        body["MsgSeqNum"] = number
    if possdup:
        body["PossDupFlag"] = True
    return read_message(json.dumps(body).encode())


def numbers(messages):
    return [one.number for one in messages]


def test_the_first_message_begins_the_row():
    row = Row()
    assert numbers(row.offer(message(7))) == [7]
    assert numbers(row.offer(message(8))) == [8]
    assert row.last == 8
    assert not row.broken


def test_what_comes_too_early_waits_for_the_replay():
    row = Row(last=4)
    assert row.offer(message(7)) == []
    assert row.offer(message(8)) == []
    assert (row.broken, row.hole) == (True, (5, 6))
    assert numbers(row.offer(message(5, possdup=True))) == [5]
    assert numbers(row.offer(message(6, possdup=True))) == [6, 7, 8]
    assert row.offer(message(7, possdup=True)) == []
    assert not row.broken


def test_repeats_are_dropped_flagged_or_not():
    row = Row(last=4)
    row.offer(message(5))
    assert row.offer(message(5)) == []
    assert row.offer(message(5, possdup=True)) == []
    assert row.last == 5


def test_a_replay_asked_for_by_somebody_else_does_not_begin_the_row():
    row = Row()
    assert numbers(row.offer(message(3, possdup=True))) == [3]
    assert row.last is None


def test_numbers_that_begin_anew_are_noticed():
    """Section 18, 6: lower numbers with other content are no repeats."""
    row = Row(last=40, newest=40 * 10**9)
    assert numbers(row.offer(message(1, "another day", second=90))) == [1]
    assert (row.last, row.resets) == (1, 1)
    row = Row(last=40, newest=40 * 10**9)
    assert row.offer(message(3, second=90)) == []  # what came before it must be asked for
    assert (row.last, row.hole) == (0, (1, 2))


def test_what_waits_behind_a_hole_when_numbers_begin_anew_is_not_lost():
    row = Row(last=40, newest=40 * 10**9)
    row.offer(message(42))
    row.offer(message(44))
    assert numbers(row.offer(message(1, second=90))) == [42, 44, 1]
    assert not row.broken
    # 41 of the old count, sent once more: taken, and no number of the new one
    assert numbers(row.offer(message(41, possdup=True))) == [41]
    assert (row.last, row.broken) == (1, False)


def test_a_replayed_message_ahead_gives_way_to_the_live_one():
    row = Row(last=4)
    row.offer(message(6, "old", possdup=True))
    row.offer(message(6, "new"))
    taken = row.offer(message(5))
    assert [one.fields.text("text") for one in taken] == ["", "new"]
    assert not row.broken


def test_an_old_message_after_a_restart_is_no_new_count():
    """The row goes on from the store; contents are forgotten, the newest SendingTime is not."""
    row = Row(last=40, newest=40 * 10**9)
    assert row.offer(message(38)) == []
    assert row.resets == 0


def test_a_straggler_from_before_the_row_is_taken_once():
    row = Row()
    row.offer(message(6))
    assert numbers(row.offer(message(5))) == [5]
    assert row.offer(message(5)) == []
    assert row.resets == 0


def test_what_no_replay_brings_is_given_up():
    row = Row(last=4)
    row.offer(message(7))
    row.offer(message(8))
    assert numbers(row.skip()) == [7, 8]
    assert (row.last, row.broken) == (8, False)


def test_messages_without_numbers_are_taken_as_they_come():
    row = Row(last=4)
    assert numbers(row.offer(message(None))) == [None]
    assert row.last == 4


@given(st.data())
def test_any_disorder_is_put_in_order(data):
    """Numbers 1 to n, swapped, doubled and with holes, and then a replay of all: each is taken once, in order."""
    count = data.draw(st.integers(1, 25))
    live = data.draw(st.lists(st.integers(1, count), max_size=60))
    row, taken = Row(last=0), []
    for number in live:
        taken += numbers(row.offer(message(number)))
    for number in range(1, count + 1):
        taken += numbers(row.offer(message(number, possdup=True)))
    assert taken == list(range(1, count + 1))
    assert row.resets == 0
