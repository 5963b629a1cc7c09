"""The shape of the code, kept by tests where import-linter cannot see it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = [ROOT / "digest", ROOT / "subscribers"]
MODULES = sorted(path for package in PACKAGES for path in package.rglob("*.py"))
MAX_LINES = 400
HEAVY = {"sqlalchemy", "premailer", "httpx2", "fastapi", "jinja2"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=named)
def test_an_init_holds_only_a_docstring(path: Path) -> None:
    """An import in one would run for every module of its package, and hide a cycle from import-linter."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert len(tree.body) <= 1
    assert ast.get_docstring(tree) if tree.body else True


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_every_module_says_why_it_exists() -> None:
    silent = [named(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_packages_are_at_most_two_levels_deep() -> None:
    """The tree of migrations is Alembic's, not ours."""
    deep = {
        named(path)
        for path in MODULES
        if len(path.relative_to(ROOT).parent.parts) > 2 and "migrations" not in path.parts
    }
    assert deep == set()


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]], ids=" ".join)
def test_asking_for_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom digest.cli.frame import main\n"
        f"code = main({arguments!r})\n"
        f"loaded = sorted({HEAVY!r} & set(sys.modules))\n"
        "sys.exit(', '.join(loaded) or code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
