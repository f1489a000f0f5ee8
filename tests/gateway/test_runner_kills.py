"""A small run of `runner_kills.py`: the runner dies by SIGKILL a few times in a busy session, and the books agree."""

import random

import pytest

from tests.gateway.runner_kills import deck, session
from tests.gateway.stand_in import THERE

pytestmark = pytest.mark.slow


def test_nothing_is_lost_or_doubled():
    if not THERE:
        pytest.skip("needs ../shared/gateway")
    figures, deaths, problems, _, _ = session(deck(8, random.Random(2)), seed=2)
    assert not problems, "\n".join(problems)
    assert deaths["killed"] == 8
    assert deaths["request in flight"] + deaths["between record and send"] > 2
    assert figures["checks"] > 4
    assert figures["fills"] > 20
