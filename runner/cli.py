"""Words in, exit code out: routes the words of the command line to `commands/`, one file each.

A known word is a command, anything else is the path of a strategy. Exit codes: 0 fine, 1 mistakes in the
document, 2 wrong usage, 3 a failure outside (data, gateway), 70 a fault of ours with a report file.
"""

from __future__ import annotations

import difflib
import errno
import io
import os
import sys
from pathlib import Path
from typing import Any

import click

from runner import __version__
from runner.commands import operators
from runner.commands.journal import journal
from runner.commands.modes import mode_of

OUTSIDE, OURS, STOPPED, CUT_SHORT = 3, 70, 130, 141


class Straight(click.Context):
    """The context of a strategy's path: its usage lines name no command, as its user wrote none."""

    @property
    def command_path(self) -> str:
        """`run`."""
        return self.parent.command_path if self.parent else "run"


class Strategy(click.Command):
    """The command behind a path."""

    context_class = Straight


class Words(click.Group):
    """A group whose unknown first word is the path of a strategy."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the hidden word `backtest` before a path; refuse a word that is neither command nor path."""
        own = {"--help", "--version", "-h"}
        if args and args[0] not in self.commands and args[0] not in own:
            word = args[0]
            if not word.startswith("-") and "." not in word and "/" not in word and not os.path.exists(word):
                near = difflib.get_close_matches(word.lower(), self.list_commands(ctx), 1)
                hint = (
                    f"Did you mean 'run {near[0]}'?"
                    if near
                    else "A strategy is named by the path of its file."
                )
                raise click.UsageError(f"There is no command or file {word!r}. {hint}", ctx)
            args = ["backtest", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The words that a user may write."""
        return [name for name in super().list_commands(ctx) if not self.commands[name].hidden]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A reader that went away (`| head`) has seen enough: no fault of anybody."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            discard_output()
            return CUT_SHORT
        except EOFError as fault:  # click takes it for a closed keyboard; nothing here reads one
            raise RuntimeError("a file ended too early") from fault
        except OSError as fault:
            if fault.errno != errno.ENOSPC:
                raise
            discard_output()
            print("the output cannot be written: the disk is full", file=sys.stderr)
            return OUTSIDE
        return code


def discard_output() -> None:
    """What is still buffered has nowhere to go: Python would complain of it on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def numbers(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    """`--set NAME=VALUE` as numbers."""
    out: dict[str, float] = {}
    for text in given:
        name, equals, value = text.partition("=")
        try:
            if not equals or not name:
                raise ValueError
            out[name] = float(value.rstrip("%")) / (100.0 if value.endswith("%") else 1.0)
        except ValueError:
            raise click.BadParameter(f"{text!r} is not NAME=NUMBER, for example --set fast_bars=10") from None
    return out


@click.group(
    cls=Words,
    subcommand_metavar="STRATEGY.yaml | COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(version)s")
def words() -> None:
    """Run, validate and inspect strategies. One YAML file is one strategy.

    \b
    run STRATEGY.yaml             backtest a strategy and write its results
    run STRATEGY.yaml --paper     on the clock: a simulated broker; --live: Atreyu's gateway; --dry-run
    run STRATEGY.yaml --help      what can be said beside it: --set, --out, --driver
    run validate FILE...          list every problem of the files
    run explain FILE              every setting and where it came from, the rules in words, the data
    run diff BACKTEST LIVE        where two runs first part and why, orders side by side
    run journal check DIR         whether this version can go on from a live journal
    run journal show RUN          the records of a run
    run report DIR                results of a live or paper run, also while it is at work
    run status [NAME]             how a live or paper run stands
    run pause|resume|flatten|stop [NAME] --why TEXT

    Exit codes: 0 fine, 1 mistakes in the document, 2 wrong usage, 3 a failure outside (data, gateway), 70 a
    fault of the runner, 130 Ctrl-C, 143 SIGTERM.
    """


@words.command(hidden=True, cls=Strategy)
@click.argument("file")
@click.option(
    "--set", "sets", multiple=True, callback=numbers, metavar="NAME=VALUE", help="Value of a parameter."
)
@click.option("--out", metavar="DIR", help="Where the results go (default: runs/NAME/...).")
@click.option(
    "--driver",
    type=click.Choice(["auto", "loop", "kernel"]),
    default="auto",
    help="Plain Python, compiled, or whichever pays.",
)
@click.option(
    "--report/--no-report",
    "page",
    default=None,
    help="Write report.html (default: if the extra `report` is installed).",
)
@click.option("--live", is_flag=True, help="Trade through Atreyu's gateway.")
@click.option("--paper", is_flag=True, help="Live or replayed bars, simulated broker.")
@click.option("--dry-run", is_flag=True, help="Show the orders that would be sent; send nothing.")
@click.option(
    "--accept-changes", "accept", is_flag=True, help="Go on with a strategy edited since the run began."
)
def backtest(
    file: str,
    sets: dict[str, float],
    out: str | None,
    driver: str,
    page: bool | None,
    live: bool,
    paper: bool,
    dry_run: bool,
    accept: bool,
) -> int:
    """Run the strategy in FILE: as a backtest, unless --live, --paper or --dry-run is said."""
    mode = mode_of({"live": live, "paper": paper, "dry-run": dry_run}, driver, out, page, accept)
    if mode is not None:
        from runner.commands.live import live as begin

        return begin(file, mode, sets, out, page, accept=accept)
    from runner.commands.run import run

    return run(file, sets, out, driver, page)


@words.command()
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--set", "sets", multiple=True, callback=numbers, metavar="NAME=VALUE", help="Value of a parameter."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="For people, for machines, or as GitHub's annotations.",
)
def validate(files: tuple[str, ...], sets: dict[str, float], form: str) -> int:
    """List every problem of FILES as file:line:column."""
    from runner.commands.validate import validate as check

    return check(files, sets, form=form)


@words.command()
@click.argument("file")
@click.option(
    "--set", "sets", multiple=True, callback=numbers, metavar="NAME=VALUE", help="Value of a parameter."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people or for machines.",
)
@click.option(
    "--data/--no-data", "data", default=True, help="Open the data too: what it holds, when rules are ready."
)
def explain(file: str, sets: dict[str, float], form: str, data: bool) -> int:
    """Say what a run of FILE goes by: every setting and its origin, the rules in words, the data."""
    from runner.commands.explain import explain as tell

    return tell(file, sets, form, data)


@words.command()
@click.argument("run")
@click.option("--out", metavar="DIR", help="Where the results go (default: beside the journal).")
@click.option(
    "--report/--no-report",
    "page",
    default=None,
    help="Write report.html (default: if the extra `report` is installed).",
)
def report(run: str, out: str | None, page: bool | None) -> int:
    """Results of RUN, a folder or a journal: of a live or paper run too, while it is at work."""
    from runner.commands.report import report as tell

    return tell(run, out, page)


@words.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people or for machines.",
)
def diff(first: str, second: str, form: str) -> int:
    """Compare two runs, folders or journals, backtests or live: where they first part and why, orders side by side, costs.

    Exit codes: 0 alike, 1 different, 3 a run cannot be read.
    """
    from runner.commands.diff import diff as tell

    return tell(first, second, form)


for word in (journal, *operators.WORDS):
    words.add_command(word)


def main(args: list[str] | None = None) -> None:
    """The command `run`. Exits with the code of the command."""
    if sys.stdout is None:  # closed by who started us
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character shows its number
            stream.reconfigure(errors="backslashreplace")
    try:
        code: Any = words.main(args=args, prog_name="run", standalone_mode=False)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except click.ClickException as wrong:
        wrong.show()
        code = wrong.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        code = STOPPED
    except Exception as fault:  # the one broad except: a fault of ours must not look like the user's mistake
        code = report_fault(fault)
    sys.exit(code or 0)


def report_fault(fault: Exception) -> int:
    """Write a report of a fault of ours beside the user, and say where; returns exit code 70."""
    import traceback

    from runner.adapters.credentials import blanked

    path = Path("run-fault.txt")
    text = blanked("".join(traceback.format_exception(fault)), os.environ)
    try:
        path.write_text(f"runner {__version__}, Python {sys.version.split()[0]}\n\n{text}", encoding="utf-8")
        where = f"the report is in {path}"
    except OSError:
        where = "no report could be written here:\n" + text
    print(f"a fault of the runner, not of your strategy: {type(fault).__name__}; {where}", file=sys.stderr)
    return OURS


if __name__ == "__main__":
    main()
