"""The words that operators say to a run at work, and their options: `status`, `pause`, `resume`, `flatten`, `stop`."""

from __future__ import annotations

from typing import Any

import click

FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people or for machines.",
)
NAMED = click.argument("run", required=False, metavar="[NAME|DIR]")


def told(command: Any) -> Any:
    """The options of everything that is said to a run at work."""
    for option in (
        click.option("--why", default="", metavar="TEXT", help="The reason: it stands in the journal."),
        click.option("--who", metavar="NAME", help="Who says so (default: the login)."),
        click.option("--wait", type=click.FloatRange(0, 60), default=10.0, metavar="SECONDS",
                     help="How long to wait for the run to obey."),
        FORM,
        NAMED,
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@NAMED
@FORM
def status(run: str | None, form: str) -> int:
    """How a live or paper run stands: clock, bars, orders, positions, cash, pauses, last notes."""
    from runner.commands.control import status as tell

    return tell(run, form)


@click.command()
@told
def pause(run: str | None, who: str | None, why: str, wait: float, form: str) -> int:
    """Entries stop; exits, protections, cancels and margin calls go on. A restart stays paused."""
    from runner.commands.control import command

    return command(run, "pause", who, why, wait, form)


@click.command()
@told
def resume(run: str | None, who: str | None, why: str, wait: float, form: str) -> int:
    """Entries go on, after a pause or a flatten."""
    from runner.commands.control import command

    return command(run, "resume", who, why, wait, form)


@click.command()
@told
def flatten(run: str | None, who: str | None, why: str, wait: float, form: str) -> int:
    """Cancel open entries, leave every position until flat, and open nothing until it is resumed."""
    from runner.commands.control import command

    return command(run, "flatten", who, why, wait, form)


@click.command()
@told
@click.option(
    "--cancel-orders/--leave-orders",
    "cancel_orders",
    default=None,
    help="Withdraw the open orders first, or leave them (default: live.on_stop of the strategy).",
)
def stop(
    run: str | None, who: str | None, why: str, wait: float, form: str, cancel_orders: bool | None
) -> int:
    """End a run in order; its next start goes on from there. Positions stay."""
    from runner.commands.control import command

    return command(run, "stop", who, why, wait, form, cancel_orders=cancel_orders)


WORDS = (status, pause, resume, flatten, stop)
