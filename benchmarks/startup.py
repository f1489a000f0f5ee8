"""How long a user waits: whole processes, in turn, as multiples of a bare import."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 9


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as out:
        strategy = "strategies/ema_cross.yaml"
        runner = [sys.executable, "-m", "runner.cli"]
        commands = {
            "import numpy, jsonschema": [sys.executable, "-c", "import numpy, jsonschema"],
            "run validate": [*runner, "validate", strategy],
            "run": [*runner, strategy, "--out", out],
            "run --no-report": [*runner, strategy, "--out", out, "--no-report"],
        }
        for command in commands.values():
            seconds(command)  # bytecode and the data cache
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                times[name].append(seconds(command))
        base = times["import numpy, jsonschema"]
        print(f"{'command':<28}{'median s':>10}{'multiple of the import':>26}")
        for name, taken in times.items():
            ratios = [a / b for a, b in zip(taken, base, strict=True)]
            spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            print(f"{name:<28}{statistics.median(taken):>10.3f}{spread:>26}")


if __name__ == "__main__":
    main()
