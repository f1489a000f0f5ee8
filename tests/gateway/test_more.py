"""Our own scenarios in the gateway's format: what FIX and the protocol sheet have and `certification.yaml` does not."""

from pathlib import Path

import pytest
import yaml

from tests.gateway.adapter import Adapter
from tests.gateway.stand_in import THERE, parts

pytestmark = pytest.mark.slow
FILE = Path(__file__).with_name("more.yaml")


@pytest.fixture(scope="module")
def play():
    if not THERE:
        pytest.skip("needs ../shared/gateway")
    harness, hub, scenario, _ = parts()
    simulator = harness.Simulator(hub.Settings())
    scenarios = scenario.load(FILE)
    assert not scenario.lint(scenarios)
    known = {one.id: one for one in scenarios}
    yield lambda name: harness.run(simulator, known[name], Adapter, strict_events=True)
    simulator.close()
    simulator.loop.close()


@pytest.mark.parametrize(
    "name", [one["id"] for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))["scenarios"]]
)
def test_scenario(play, name):
    report = play(name)
    assert report.ok, report.summary()
