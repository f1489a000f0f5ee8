"""Every setting of the tables of conventions has a key that a document may write, or a reason why not."""

import pytest

from runner.language.origins import WITHOUT_KEY, path_of_setting
from runner.language.source import load
from runner.language.validate import understand
from runner.market.brokerages import CONVENTIONS, margin_settings

WITHOUT = {
    "universe.every_session": "LEAN's reading of a selection's midnight; `universe.dynamic.refresh` says when to select",
    "universe.held_rejoins": "LEAN's reading of a symbol that left and is held",
}
# What a margin model is made of is not set by itself: model.number -> the key that sets it.
MODEL = {
    "margin.closed_factor": ("margin_model", "pattern_day_trading", "closed"),
    "margin.per_share": ("margin_model", "constant"),
}


@pytest.mark.parametrize("conventions", CONVENTIONS)
def test_every_setting_has_a_key(conventions):
    lacking = {
        name for name in CONVENTIONS[conventions] if path_of_setting(name, "regulation_t")[0] == WITHOUT_KEY
    }
    assert lacking == set(WITHOUT)


def test_every_number_of_a_margin_model_is_set_by_a_key():
    names = set(margin_settings("regulation_t", {}, "atreyu")) - set(MODEL)
    paths = {path_of_setting(name, "regulation_t") for name in names}
    assert paths == {
        ("margin_model",),
        *(
            ("margin_model", "regulation_t", key)
            for key in ("initial", "maintenance_long", "maintenance_short")
        ),
    }


WRITTEN = """\
version: 1
name: small
brokerage: {{name: default, conventions: {conventions}}}
short_selling: {{source: {{csv: borrow.csv}}, open_orders: {open_orders}, clock: {clock}}}
universe: {{symbols: [SPY]}}
data: {{source: {{lean: data}}, daily_end: {daily_end}, warm_up: {warm_up}}}
rules: [{{name: in, when: close > 5, enter: long, size: {{percent_of_equity: 25%}}}}]
backtest: {{sampling: {sampling}, statistics: {statistics}}}
"""


@pytest.mark.parametrize(
    "words",
    [
        {
            "conventions": "atreyu",
            "open_orders": "all",
            "clock": "hourly",
            "daily_end": "midnight",
            "warm_up": "none",
            "sampling": "lean",
            "statistics": "lean_2023",
        },
        {
            "conventions": "lean_2023",
            "open_orders": "sales",
            "clock": "nightly",
            "daily_end": "close",
            "warm_up": "computed",
            "sampling": "session",
            "statistics": "lean",
        },
    ],
    ids=["atreyu", "lean_2023"],
)
def test_a_document_overrides_what_its_conventions_say(words):
    program, problems = understand(load(WRITTEN.format(**words), "small.yaml"))
    assert not problems, [problem.text() for problem in problems]
    given = {f"short_selling.{key}": words[key] for key in ("open_orders", "clock")}
    given |= {"data.daily_end": words["daily_end"]}
    given |= {key: words[key] for key in ("warm_up", "sampling", "statistics")}
    assert {name: program.spec.settings[name] for name in given} == given
    assert {program.spec.origins[name] for name in given} == {"document"}
    assert all(CONVENTIONS[words["conventions"]][name] != value for name, value in given.items())
