"""A file of symbols that the account may or may not trade: `brokerage.tradable: {only: FILE}` or `{except: FILE}`."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec

from runner.adapters import cache
from runner.adapters.coverage import DataFault
from runner.adapters.member_files import SYMBOL, read_bytes
from runner.language.program import Program
from runner.language.read_lending import check_tradable
from runner.language.reading import Reading


def with_tradable(program: Program, folder: Path) -> tuple[Program, dict[str, str]]:
    """The program with the symbols of the file that it names, and the file's hash by its name; as it is when it names none."""
    spec = program.spec
    path = spec.tradable.path
    if not path:
        return program, {}
    symbols, digest = read_symbols(folder / path)
    side = {"only": symbols} if spec.tradable.listed else {"excluded": symbols}
    tradable = msgspec.structs.replace(spec.tradable, path="", **side)
    out = Reading()
    for rule in spec.rules:
        check_tradable(tradable, rule, spec.universe.listed or spec.symbols, out)
    if out.faults:
        name = next(rule.name for rule in spec.rules if (*rule.path, "name") == out.faults[0].path)
        raise DataFault(f"{path}: rule {name!r}: {out.faults[0].message}; {out.faults[0].cure}")
    return program._replace(spec=msgspec.structs.replace(spec, tradable=tradable)), {path: digest}


def read_symbols(path: Path) -> tuple[tuple[str, ...], str]:
    """The symbols of a file, one a line or in a column `symbol` of CSV, and the file's hash."""
    data = read_bytes(path)
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise DataFault(f"{path}: not UTF-8 text") from None
    rows = [(n, row) for n, row in enumerate(csv.reader(lines), 1) if any(cell.strip() for cell in row)]
    rows = [(n, row) for n, row in rows if not row[0].lstrip().startswith("#")]
    header = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    column = header.index("symbol") if "symbol" in header else 0
    if "symbol" in header:
        rows = rows[1:]
    elif len(header) > 1:
        raise DataFault(
            f"{path}: no column is called symbol; name it in the first line, or write one symbol a line"
        )
    symbols = []
    for number, row in rows:
        symbol = row[column].strip() if column < len(row) else ""
        if not SYMBOL.fullmatch(symbol):
            raise DataFault(
                f"{path} line {number}: {symbol!r} is no symbol; write capital letters, such as BRK.B"
            )
        symbols.append(symbol)
    if not symbols:
        raise DataFault(f"{path}: the file names no symbol; write one a line")
    return tuple(dict.fromkeys(symbols)), cache.digest(data)
