"""A small run of `kills.py`: the client dies by SIGKILL a few times, and the books agree."""

import pytest

from tests.gateway.kills import Lives
from tests.gateway.stand_in import THERE

pytestmark = pytest.mark.slow


def test_nothing_is_lost_or_doubled():
    if not THERE:
        pytest.skip("needs ../shared/gateway")
    lives = Lives(seed=11)
    try:
        while lives.deaths["killed"] < 8:
            lives.kill()
        differences = lives.settle()
    finally:
        lives.close()
    assert not differences, "\n".join(differences)
    assert lives.deaths["request in flight"] + lives.deaths["recorded, not sent"] > 0
