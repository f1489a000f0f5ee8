"""The life cycles of `../shared/certification.yaml`, played by the independent gateway with every request judged and
no event allowed beyond the expected ones. About a minute of waiting that the scenarios ask for.
"""

from pathlib import Path

import pytest

from tests.gateway import adapter
from tests.gateway.adapter import Adapter
from tests.gateway.stand_in import FILE, THERE, names, parts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def play():
    if not THERE:
        pytest.skip("needs ../shared/gateway")
    harness, hub, scenario, _ = parts()
    simulator = harness.Simulator(hub.Settings())
    known = {one.id: one for one in scenario.load(FILE)}
    yield lambda name: harness.run(simulator, known[name], Adapter, strict_events=True)
    simulator.close()
    simulator.loop.close()


@pytest.mark.parametrize("name", names())
def test_scenario(play, name):
    report = play(name)
    assert report.ok, report.summary()


def test_the_adapter_is_small():
    """It translates, and holds nothing of its own (the harness would test the adapter otherwise)."""
    text = Path(adapter.__file__).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
