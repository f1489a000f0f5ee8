"""`run journal show` and `run journal check`: the records of a run as text, and whether a live run can go on from them."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TextIO

import click

FINE, CANNOT, MISUSED, OUTSIDE = 0, 1, 2, 3
PAGE = 4096  # records made into text at once


def show(given: str, since: str | None = None, orders: bool = False, stream: TextIO | None = None) -> int:
    """Print the records of a run, one JSON object a line. `since`: a day or a time of New York; `orders`: only what happened
    to orders. Returns the exit code."""
    from runner.adapters.coverage import DataFault
    from runner.adapters.recorded_run import open_run
    from runner.results.tables import journal_lines

    stream = stream or sys.stdout
    try:
        journal = open_run(given).journal
    except DataFault as fault:
        print(fault, file=sys.stderr)
        return OUTSIDE
    rows = journal.records
    if since is not None:
        instant = _instant(since)
        if instant is None:
            print(
                f"--since {since} is no time: write 2026-11-20, or 2026-11-20T09:31:00 of New York",
                file=sys.stderr,
            )
            return MISUSED
        rows = rows[rows["time"] >= instant]
    if orders:
        rows = rows[rows["order"] > 0]
    for i in range(0, len(rows), PAGE):
        for line in journal_lines(journal._replace(records=rows[i : i + PAGE])):
            print(line, file=stream)
    return FINE


def _instant(written: str) -> int | None:
    """ISO 8601 as ns UTC; New York where no offset is given."""
    from runner.results.times import SECOND, new_york

    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=new_york())
    return int(moment.timestamp()) * SECOND + moment.microsecond * 1000


def check(given: str, strategy: str | None = None, whole: bool = False, stream: TextIO | None = None) -> int:
    """Say whether this version can go on from a live journal. Returns the exit code."""
    from runner.adapters.coverage import DataFault
    from runner.operate.check_journal import check as look
    from runner.operate.check_journal import findings_text

    stream = stream or sys.stdout
    try:
        found = look(given, strategy, whole)
    except DataFault as fault:
        print(fault, file=sys.stderr)
        return OUTSIDE
    print(findings_text(found), end="", file=stream)
    return FINE if all(one.good for one in found) else CANNOT


@click.group()
def journal() -> None:
    """Look at the journal of a run."""


@journal.command("show")
@click.argument("run")
@click.option("--since", metavar="TIME", help="Only from 2026-11-20, or 2026-11-20T09:31:00 of New York.")
@click.option("--orders", is_flag=True, help="Only what happened to orders.")
def show_journal(run: str, since: str | None, orders: bool) -> int:
    """Print the records of RUN, a folder or a journal, one JSON object a line."""
    return show(run, since, orders)


@journal.command("check")
@click.argument("run")
@click.option(
    "--strategy", metavar="FILE", help="The strategy that would go on (default: the journal's own)."
)
@click.option("--whole", is_flag=True, help="Hear it from its beginning, not only what a restart hears.")
def check_journal(run: str, strategy: str | None, whole: bool) -> int:
    """Say whether this version can go on from the live journal of RUN. Changes nothing.

    Exit codes: 0 it can, 1 it cannot, 3 the journal cannot be read.
    """
    return check(run, strategy, whole)
