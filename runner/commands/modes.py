"""How `run FILE` is meant: as a backtest, live, on paper or as a dry run; and which options go with which."""

from __future__ import annotations

import click

MODES = ("live", "paper", "dry-run")


def mode_of(
    wanted: dict[str, bool], driver: str, out: str | None, page: bool | None, accept: bool
) -> str | None:
    """The one mode that was said, None for a backtest. Raises `click.UsageError` when two were, or with an option that the
    mode does not obey: nothing that was typed is passed over.

    `wanted`: for each of MODES whether it was said.
    """
    said = [mode for mode in MODES if wanted[mode]]
    if len(said) > 1:
        named = " and ".join(f"--{mode}" for mode in said)
        raise click.UsageError(f"{named} exclude each other: write one of them.")
    mode = said[0] if said else None
    if accept and mode not in ("live", "paper"):
        raise click.UsageError(
            "--accept-changes goes with --live or --paper: nothing else goes on with a run."
        )
    if mode is not None and driver != "auto":
        raise click.UsageError(
            f"--driver does not go with --{mode}: a run on the clock is plain Python. Leave it out."
        )
    if mode == "dry-run" and (out is not None or page):
        option = "--out" if out is not None else "--report"
        raise click.UsageError(f"--dry-run writes no results: leave {option} out.")
    return mode
