"""What a reader of a journal must know besides its records: the same names for a backtest and a live run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner import __version__
from runner.adapters import identity, rates
from runner.engine import prepare
from runner.engine.ports import History
from runner.language.spec import Spec


def stated(spec: Spec, document: str) -> dict[str, Any]:
    """What the document says of the run."""
    return {
        "strategy": spec.name,
        "description": spec.description,
        "document": document,
        "symbols": list(spec.symbols),
        "rules": [rule.name for rule in spec.rules],
        "spec": dict(spec.settings),
        "origins": dict(spec.origins),
        "brokerage": spec.brokerage,
        "account": spec.account,
        "resident": spec.resident,
        "conventions": spec.conventions,
        "resolution": {symbol: prepare.resolution_of(spec, symbol) for symbol in spec.symbols},
        "prices": spec.data.prices,
        "start_cash": spec.backtest.cash,
        "benchmark": benchmark_name(spec),
        "risk": spec.risk.written(),
    }


def manifest(
    spec: Spec, document: str, hashes: dict[str, str], files: dict[str, str], driver: str
) -> dict[str, Any]:
    """What makes the run what it is. `hashes`: of the document's files, its own under the empty name; `files`: of the data."""
    return {
        "version": __version__,
        "code": identity.code_hash(),
        "schema": identity.schema_hash(),
        "document": hashes.get("") or identity.text_hash(document),
        "bases": {name: digest for name, digest in hashes.items() if name},
        "parameters": dict(spec.parameters),
        "data": files,
        "driver": driver,
        "calendar": identity.calendar_version(),
    }


def live(
    spec: Spec,
    document: str,
    hashes: dict[str, str],
    folder: Path,
    history: History,
    mode: str,
    begin: int,
    day: int,
) -> dict[str, Any]:
    """The header at the first start of a live run. `begin`: instant (ns UTC) up to which the past warms it, `day`: its
    first day. The readers fill in what only the end knows."""
    return {
        **stated(spec, document),
        "mode": mode,
        "first_day": day,
        "last_day": day,
        "start": begin,
        "end": begin,
        "tallies": {},
        "data": {"notes": history.notes(), "missing": {}},
        "ready": {},
        "manifest": manifest(spec, document, hashes, history.files(), "loop"),
        "driver": "loop",
        "looks": [],
        "risk_free": risk_free_of(spec, folder),
        "security_ids": {},
    }


def benchmark_name(spec: Spec) -> str:
    """The benchmark as the reports name it."""
    if spec.backtest.benchmark_constant is not None:
        return f"constant {spec.backtest.benchmark_constant:g}"
    return spec.backtest.benchmark


def risk_free_of(spec: Spec, folder: Path) -> Any:
    """A yearly rate, or [[day, rate], ...] from a file."""
    path = rate_file_of(spec, folder)
    if path is not None:
        return [list(one) for one in rates.read_rates(path)]
    return spec.backtest.risk_free or 0.0


def rate_file_of(spec: Spec, folder: Path) -> Path | None:
    """The file of risk-free rates: the document's, or under LEAN's conventions the data folder's own."""
    wanted = spec.backtest.risk_free
    if isinstance(wanted, str):
        return folder / wanted
    if wanted is None and spec.settings["sampling"] == "lean" and spec.data.source == "lean":
        path = folder / spec.data.path / rates.LEAN_FILE
        return path if path.exists() else None
    return None
