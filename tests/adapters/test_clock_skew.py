"""The difference between two clocks: what is said of it, and when entries stop."""

import pytest

from runner.adapters.clock_skew import ClockWatch
from runner.adapters.desk import Desk
from runner.market.events import PAUSED, TOLD


def said(seconds):
    """Kinds and words of what a watch with 2 s and 30 s says of differences, in their order."""
    desk, now = Desk(), [None]
    watch = ClockWatch(lambda: now[0], desk.post, 2.0, 30.0)
    for one in seconds:
        now[0] = None if one is None else int(one * 1e9)
        watch.look()
    return [(notice.kind, notice.why) for notice in desk.take(0)]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([None, 0.01, 1.9, -1.9], []),
        ([2.5, 2.6, 1.5, 2.5], [(TOLD, "the machine's clock is 2.5 s ahead of the gateway's")]),
        (
            [-40.0, -41.0],
            [
                (
                    PAUSED,
                    "the machine's clock is 40.0 s behind the gateway's: entries stop until they are resumed",
                )
            ],
        ),
        (
            [3.0, 0.1, 3.0],
            [
                (TOLD, "the machine's clock is 3.0 s ahead of the gateway's"),
                (TOLD, "the machine's clock agrees with the gateway's again"),
                (TOLD, "the machine's clock is 3.0 s ahead of the gateway's"),
            ],
        ),
        (
            [31.0, 20.0, 0.5],
            [
                (
                    PAUSED,
                    "the machine's clock is 31.0 s ahead of the gateway's: entries stop until they are resumed",
                ),
                (TOLD, "the machine's clock is 0.5 s ahead of the gateway's: entries may be resumed"),
            ],
        ),
    ],
)
def test_what_is_said(seconds, expected):
    assert said(seconds) == expected
