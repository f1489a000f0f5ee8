"""The independent stand-in for the gateway, where it lies beside the project."""

from __future__ import annotations

import contextlib
import random
import socket
import sys

import yaml

from tests.conftest import SHARED

THERE = (SHARED / "gateway").is_dir()
FILE = SHARED / "certification.yaml"


def parts():
    """Its harness, hub, scenario and soak modules; it shares no code with the project and is no package of it."""
    if str(SHARED) not in sys.path:
        sys.path.append(str(SHARED))
    from gateway import harness, hub, scenario, soak

    return harness, hub, scenario, soak


def free_port():
    """A port that the system hands to nobody by itself, so that a gateway which goes away finds it again."""
    while True:
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", random.randint(20_000, 30_000)))
            return one.getsockname()[1]


def names():
    """The scenarios of the file."""
    if not THERE:
        return ["certification.yaml"]
    return [one["id"] for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))["scenarios"]]
