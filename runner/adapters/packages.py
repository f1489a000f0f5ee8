"""Where an installed package lies and which version it is, without importing it.

`importlib.metadata` alone costs 20 ms, more than reading all the data of a small run; a look at the
`.dist-info` folder beside the package costs a fraction of one.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def installed(module: str) -> tuple[Path, str] | None:
    """Folder and version of the top-level package `module`, or None when it is not installed."""
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    found = sorted(folder.parent.glob(f"{module}-*.dist-info"))
    if len(found) == 1:
        return folder, found[0].name.removesuffix(".dist-info").split("-", 1)[1]
    from importlib.metadata import PackageNotFoundError, version

    try:
        return folder, version(module)
    except PackageNotFoundError:
        return folder, "unknown"
