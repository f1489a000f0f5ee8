"""What a rule sees of other symbols: each is read where its own newest bar stands. Whole runs by hand."""

from tests.engine import tiny


def said(rules, bars, folder, **plan):
    return tiny.sentences(tiny.run(rules, bars, folder, **plan))


def test_a_basket_whose_first_symbol_has_no_bar(tmp_path):
    """B comes above 100 at 10:01, when A has no bar: the targets are set then, not at A's next bar.

    10 % of 99,750 is 9,975: 199 of A at 50 (9,950), 98 of B at 101 (9,898); the larger order goes first.
    """
    rules = "[{name: r, when: B.close > 100, target: {A: 10%, B: 10%}}]"
    bars = "A@Mon 10:00 50 50 50 50; A@Mon 10:05 50 50 50 50; B@Mon 10:00 99 99 99 99; B@Mon 10:01 101 101 101 101"
    assert said(rules, bars, tmp_path) == tiny.told(
        "Mon 10:01 submitted #1 A +199; Mon 10:01 filled #1 A +199 @ 50;"
        "Mon 10:01 submitted #2 B +98; Mon 10:01 filled #2 B +98 @ 101"
    )


def test_another_symbol_that_split_this_morning(tmp_path):
    """B closes at 100 and splits 2:1 overnight: before its first bar it counts 50, and A at 60 is above it."""
    rules = "[{name: r, symbols: [A], when: close > B.close, note: above}]"
    bars = (
        "A@Mon 16:00 60 60 60 60; A@Tue 09:31 60 60 60 60; A@Tue 09:40 60 60 60 60;"
        "B@Mon 16:00 100 100 100 100; B@Tue 09:35 51 51 51 51 split 2"
    )
    assert said(rules, bars, tmp_path) == tiny.told("Tue 00:00 split B 2 -> 0; Tue 09:31 noted A above")


def test_a_moment_asks_each_symbol_for_its_own_newest_bar(tmp_path):
    """At noon A's newest bar is of 10:00, B's of 11:59."""
    rules = "[{name: r, symbols: [A], at: {time: '12:00'}, only_if: B.close > close, note: above}]"
    bars = (
        "A@Mon 10:00 60 60 60 60; B@Mon 10:00 50 50 50 50; B@Mon 11:59 61 61 61 61; A@Mon 16:00 60 60 60 60"
    )
    assert said(rules, bars, tmp_path) == tiny.told("Mon 12:00 noted A above")
