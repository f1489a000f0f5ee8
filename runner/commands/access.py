"""What a start needs of the world outside the document: credentials and addresses, gathered before anything begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from runner.adapters import atreyu_settings, credentials
from runner.adapters.cash_source import COMMAND
from runner.language import live_needs
from runner.language.problems import Fault, Problem
from runner.language.program import Program
from runner.language.shorting import may_short
from runner.language.source import Source, spot_of

LIVE, PAPER = "live", "paper"


class Access(NamedTuple):
    """`environment`: a private copy of the process's, completed. `problems`: why the document cannot be started so;
    `missing`: sentences on what the environment lacks. Neither holds a value of a credential."""

    environment: credentials.Private
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()


def access(
    program: Program,
    source: Source,
    mode: str,
    environment: Mapping[str, str],
    asker: credentials.Asker | None = None,
) -> Access:
    """Gather what a start in `mode` needs: from `environment`, the keyring, then `asker` (None: nobody is there).

    Everything that is wrong or missing is told at once; nobody is asked for anything while the document is at fault.
    """
    spec = program.spec
    faults = live_needs.lacking(spec) if mode == LIVE else []
    short = may_short(program) if mode == LIVE else None
    needed = list(credentials.GATEWAY) if mode == LIVE else []
    if short:
        needed += credentials.SHORTS
    if mode in (LIVE, PAPER) and any(feed.kind == "alpaca" for feed in spec.data.live):
        needed += credentials.ALPACA
    found = credentials.gathered(needed, environment, None if faults else asker)
    absent = credentials.lacking(needed, found)
    for_shorts = [name for name in absent if name in credentials.SHORTS]
    if short and for_shorts:
        message = f"{short.words}, and the gateway takes short sales only with {' and '.join(for_shorts)}"
        faults.append(Fault(short.path, message, f"put that into the environment, or {short.cure}"))
    missing = [f"{name} is missing: put it into the environment" for name in absent if name not in for_shorts]
    cash = spec.live.cash_sync if mode == LIVE else None
    if cash is not None and cash.source == "command" and not found.get(COMMAND, "").strip():
        missing.append(
            f"{COMMAND} is missing: put the program that says the account's cash into the environment"
        )
    if mode == LIVE:
        wrong = atreyu_settings.from_environment(found)[2]
        missing += [sentence for sentence in wrong if sentence not in missing]
    problems = (Problem(*spot_of(source, fault.path), fault.message, fault.cure) for fault in faults)
    in_order = sorted(problems, key=lambda problem: (problem.line, problem.column))
    return Access(found, tuple(in_order), tuple(missing))
