"""The built wheel works by itself: templates, migrations and the demonstration's site are inside it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.newsroom import ROOT


def run(*command: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source, built without the network."""
    folder = tmp_path_factory.mktemp("dist")
    built = run("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("everypost-*.whl")
    return found


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"digest/_templates/email/digest/body.html", "digest/_templates/web/site.css"} <= names
    assert any(name.startswith("digest/store/migrations/versions/") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"digest", "subscribers", "everypost"}
    shipped = {str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*") if path.is_file()}
    assert {f"digest/_{name}" for name in shipped} <= names


def test_the_installed_wheel_plays_the_demonstration(wheel: Path, tmp_path: Path) -> None:
    target, empty = tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    installed = run(
        "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check",
        "--target", str(target), str(wheel),
        cwd=tmp_path,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    where = run("-c", "import digest; print(digest.__file__)", cwd=empty, PYTHONPATH=str(target))
    assert where.stdout.strip() == str(target / "digest" / "__init__.py")
    done = run("-m", "digest", "demo", "--once", cwd=empty, PYTHONPATH=str(target))
    assert (done.returncode, done.stderr) == (0, "")
    assert "the weekly issue is due" in done.stdout
    assert list(empty.iterdir()) == []
