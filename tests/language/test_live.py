"""`live` and `data.live`: what is read, by hand, and that language and adapters mean the same settings."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest

from runner.adapters import feed_settings
from runner.adapters.atreyu_settings import AtreyuSettings
from runner.commands.explain import explain
from runner.language import units
from runner.language.schema import node_at
from runner.language.source import load
from runner.language.spec_live import CashSync, Feed, Held, LiveSpec, Restart
from runner.language.validate import understand, validate

GOOD = Path(__file__).parents[1] / "documents/good/live.yaml"
AROUND = """\
version: 1
name: small
universe: {symbols: [SPY]}
rules: [{name: in, when: close > 5, buy: 1}]
"""
# Where the gateway is and who logs on: never in a document.
CONNECTION = {"host", "request_port", "subscription_port", "client_id", "broker_mpid", "locate_required", "namespace"}  # fmt: skip


def spec_of(text: str):
    program, problems = understand(load(text, "small.yaml"))
    assert problems == (), [problem.text() for problem in problems]
    assert program is not None
    return program.spec


def test_every_setting_is_read():
    spec = spec_of(GOOD.read_text(encoding="utf-8"))
    assert spec.live == LiveSpec(
        cash=100_000.0,
        currencies=(("EUR", 5000.0, 1.08), ("JPY", 70_000.0, None)),
        holdings=(Held("AAPL", 100, 412.5, "AAPL R735QTJ8XC9X"), Held("IBM", -10, 180.0)),
        account="shared",
        max_equity=50_000.0,
        on_mismatch="adopt",
        fill_wait=5.0,
        bar_wait=1.5,
        stale_after=5,
        divergence=0.002,
        late_after=90.0,
        clock_warn=1.0,
        clock_stop=10.0,
        cash_sync=CashSync("file", "cash.txt", "07:50", 15.0, 4),
        restart=Restart(True, 1.0, 60.0, 3),
        on_stop="cancel",
        gateway={
            "destination": "BATS",
            "request_timeout": 10.0,
            "heartbeat_timeout": 120.0,
            "check_interval": 30.0,
            "connect_timeout": 3.0,
            "reconnect_pause": 0.5,
            "gap_patience": 1.0,
            "replay_wait": 3.0,
            "replay_attempts": 4,
            "numbers_begin_daily": False,
            "late_reply": 120.0,
            "resolve_after": 20.0,
            "settle": 3.0,
            "trust_totals": False,
            "trust_positions": False,
            "trust_list": False,
            "session_words": ("SESSION", "LOGON"),
            "through_zero": "short",
        },
    )
    assert spec.data.live == (
        Feed("zeromq", {"address": "tcp://127.0.0.1:5560", "socket": "pull", "bind": True}),
        Feed("csv", {"path": "bars/{date}.csv"}),
        Feed("alpaca", {"feed": "sip", "url": "wss://bars.example/v2", "quiet_after": 180.0}),
    )


def test_what_is_not_written():
    spec = spec_of(AROUND + "data: {source: embedded}\n")
    assert (spec.live, spec.data.live) == (LiveSpec(), ())
    assert spec_of(AROUND + "data: {source: embedded}\nlive: {}\n").live == LiveSpec()


def test_words_are_short_for_mappings():
    spec = spec_of(AROUND + "data: {source: embedded, live: [alpaca]}\nlive: {restart: on_failure}\n")
    assert spec.data.live == (Feed("alpaca"),)
    played = spec_of(AROUND + "data: {source: embedded, live: [replay: {speed: 60}]}\n")
    assert played.data.live == (Feed("replay", {"speed": 60.0}),)
    assert spec.live.restart == Restart(True, 5.0, 300.0, 10)


def default_of(path: tuple[str | int, ...]):
    """The default that the schema tells, as a plain value; None where it has none."""
    value = node_at(path).get("default")
    if node_at(path).get("format") == "duration" and value is not None:
        return units.duration(value) / units.SECOND
    if node_at(path).get("format") == "percent" and value is not None:
        return units.percent(value)
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("path", "struct", "apart"),
    [
        (("live", "gateway"), AtreyuSettings, CONNECTION),
        (("data", "live", 0, "replay"), feed_settings.ReplayFeed, set()),
        (("data", "live", 0, "zeromq"), feed_settings.ZeromqFeed, set()),
        (("data", "live", 0, "alpaca"), feed_settings.AlpacaFeed, set()),
    ],
)
def test_language_and_adapters_mean_the_same(path, struct, apart):
    fields = {field.name: field for field in msgspec.structs.fields(struct) if field.name not in apart}
    assert set(node_at(path)["properties"]) == set(fields)
    for name, field in fields.items():
        told = default_of((*path, name))
        assert told is None or told == field.default, name
        if told is None:  # the schema says it in words, or the key is needed
            assert field.default in (msgspec.NODEFAULT, None, ""), name


def test_what_holds_for_all_feeds_has_one_default():
    ours = feed_settings.FeedSettings()
    for name in ours.__struct_fields__:
        assert default_of(("live", name)) == getattr(ours, name) == getattr(LiveSpec(), name), name


def test_feeds_are_made_of_what_is_read():
    """The settings of a feed are those of its adapter, by name and type."""
    structs = {
        "replay": feed_settings.ReplayFeed,
        "zeromq": feed_settings.ZeromqFeed,
        "csv": feed_settings.FileFeed,
        "alpaca": feed_settings.AlpacaFeed,
    }
    spec = spec_of(GOOD.read_text(encoding="utf-8"))
    made = {feed.kind: msgspec.convert(feed.settings, structs[feed.kind]) for feed in spec.data.live}
    assert made["alpaca"].quiet_after == 180.0
    connection = dict.fromkeys(("host", "client_id"), "x") | {"request_port": 1, "subscription_port": 2}
    assert AtreyuSettings(**connection, **spec.live.gateway).settle == 3.0


def test_explain_says_where_each_came_from(tmp_path: Path):
    path = tmp_path / "small.yaml"
    path.write_text(
        AROUND + "data: {source: embedded, live: [replay]}\nlive:\n  fill_wait: 4s\n  gateway: {settle: 3s}\n"
    )
    out = io.StringIO()
    assert explain(str(path), {}, data=False, stream=out) == 0
    told = {tuple(line.split()[:2]): line.split(maxsplit=2)[2] for line in out.getvalue().splitlines() if len(line.split()) > 2}  # fmt: skip
    assert told["fill_wait", "4s"] == "line 7"
    assert told["bar_wait", "2s"] == "default"
    assert told["gateway.settle", "3s"] == "line 8"
    assert told["gateway.heartbeat_timeout", "330s"] == "default"
    assert told["on_mismatch", "refuse"] == "default"
    assert told["live", "[replay]"] == "line 5"


@pytest.mark.parametrize(
    "written",
    [
        "live: {gateway: hunter2}",
        "live: {initial: hunter2, cash_sync: hunter2}",
        "live: {gateway: {password: hunter2}}",
        "live: {gateway: {access: {password: hunter2}}}",
        "live: {initial: {holdings: hunter2}}",
        'data: {source: embedded, live: [{zeromq: {address: "tcp://bob:hunter2@127.0.0.1:5560"}}]}',
        'data: {source: embedded, live: [{alpaca: {url: "wss://bars.example/v2?token=hunter2"}}]}',
        "data: {source: embedded, live: [{alpaca: {api_key: hunter2}}]}",
    ],
)
def test_a_credential_is_refused_and_never_shown(written: str):
    text = AROUND + written + ("" if written.startswith("data") else "\ndata: {source: embedded}") + "\n"
    problems = validate(load(text, "small.yaml"))
    assert problems
    assert "hunter2" not in "".join(problem.text() for problem in problems)
