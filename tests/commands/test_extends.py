"""`extends` as a user meets it: folders, hashes, the whole document in the results."""

import hashlib
import json

from tests.commands.console import run

CHILD = """\
version: 1
name: child
extends: shared/base.yaml
parameters: {share: {default: 20%}}
"""


def laid_over(folder):
    """`child.yaml` over `shared/base.yaml`, whose data stays beside the child."""
    (folder / "shared").mkdir()
    base = (folder / "small.yaml").read_text(encoding="utf-8").replace('"{symbol}.csv"', '"../{symbol}.csv"')
    (folder / "shared" / "base.yaml").write_text(base, encoding="utf-8")
    (folder / "child.yaml").write_text(CHILD, encoding="utf-8")
    return folder


def test_a_run_over_a_base(folder):
    laid_over(folder)
    run("child.yaml", "--out", "out", cwd=folder, code=0)
    run("small.yaml", "--out", "same", "--no-report", "--set", "share=20%", cwd=folder, code=0)
    assert (folder / "out" / "fills.csv").read_bytes() == (folder / "same" / "fills.csv").read_bytes()
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["document"] == hashlib.sha256(CHILD.encode()).hexdigest()
    base = (folder / "shared" / "base.yaml").read_bytes()
    assert manifest["bases"] == {"shared/base.yaml": hashlib.sha256(base).hexdigest()}
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "# child.yaml over shared/base.yaml" in page
    assert "close &lt; sma(close, $bars)" in page


def test_another_base_is_another_run(folder):
    laid_over(folder)
    first = run("child.yaml", "--no-report", cwd=folder, code=0).out
    base = folder / "shared" / "base.yaml"
    base.write_text(base.read_text(encoding="utf-8") + "# touched\n", encoding="utf-8")
    second = run("child.yaml", "--no-report", cwd=folder, code=0).out
    assert first.splitlines()[-1] != second.splitlines()[-1]


def test_problems_of_a_base(folder):
    laid_over(folder)
    base = folder / "shared" / "base.yaml"
    base.write_text(base.read_text(encoding="utf-8").replace("exit: position", "exit: all"), encoding="utf-8")
    said = run("validate", "child.yaml", cwd=folder, code=1)
    assert said.out.startswith("shared/base.yaml:10:")
    (folder / "shared" / "base.yaml").unlink()
    said = run("child.yaml", cwd=folder, code=1)
    assert said.text.startswith(
        "child.yaml:3:10: shared/base.yaml: cannot be read: No such file or directory\n"
    )
