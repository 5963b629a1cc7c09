"""Exit codes, one-line errors, and a quick --help."""

from __future__ import annotations

import errno
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from digest.cli.context import Context
from digest.cli.frame import exit_code, main, told
from digest.errors import AlreadyRunning, BackendUnavailable, ConfigurationError, Fault, NotAllowed

HEAVY = ("sqlalchemy", "premailer", "httpx2", "fastapi", "jinja2", "pydantic", "feedparser", "apscheduler")
FAULTS = (Fault(where="here", problem="a", mend="B."), Fault(where="there", problem="c", mend="D."))


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    script = "import sys; from digest.cli.frame import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
        env={"PATH": "", **environ},
    )


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], HEAVY),
        # To parse the options before a command, Typer itself loads pydantic.
        (["init", "--help"], tuple(name for name in HEAVY if name != "pydantic")),
    ],
)
def test_help_loads_no_heavy_library(arguments: list[str], heavy: tuple[str, ...]) -> None:
    script = (
        f"import sys; from digest.cli.frame import main; main({arguments})\n"
        f"print('loaded:', [name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    try:
        expected = f"everypost {version('everypost')}\n"
    except PackageNotFoundError:
        expected = "everypost, run from its source without being installed\n"
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("arguments", [["--nosuch"], ["nosuch"], ["init", "a", "b"], []])
def test_wrong_use_is_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "Usage: digest" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (ConfigurationError(FAULTS), 2, ["here: a. B.", "there: c. D."]),
        (AlreadyRunning("Another run has the lock."), 3, ["Another run has the lock."]),
        (NotAllowed("It is sent already."), 1, ["It is sent already."]),
        (BackendUnavailable("No answer."), 1, ["No answer."]),
        (PermissionError(13, "Permission denied", "a.toml"), 1, ["a.toml: Permission denied"]),
    ],
)
def test_an_error_has_a_code_and_a_line_for_each_fault(error: Exception, code: int, lines: list[str]) -> None:
    assert (exit_code(error), told(error)) == (code, lines)


def test_an_error_nobody_foresaw_says_what_to_do() -> None:
    error = KeyError("x")
    assert exit_code(error) == 1
    assert "KeyError: 'x'. This is a fault in Everypost" in told(error)[0]
    assert "DIGEST_DEBUG=1" in told(error)[0]


def test_of_an_error_nobody_foresaw_only_the_first_line_is_shown() -> None:
    """Databases write the row they refused on the next lines."""
    (line,) = told(ValueError("duplicate key\nDETAIL: Key (email)=(ann@reader.example) already exists."))
    assert line.startswith("ValueError: duplicate key. This is")


def test_an_error_is_lines_on_stderr_and_no_traceback() -> None:
    done = run("init", "--name", "Plain Sentence")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 4
    assert all(line.startswith("digest: digest init: --") for line in done.stderr.splitlines())


def test_the_traceback_is_there_for_who_asks() -> None:
    assert "Traceback (most recent call last)" in run("init", DIGEST_DEBUG="1").stderr


def test_the_settings_of_a_command_are_those_of_its_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Context(config=tmp_path / "digest.toml").settings()
    assert caught.value.faults[0].where == str(tmp_path / "digest.toml")


@pytest.mark.parametrize(
    "error", [MemoryError(), OSError(errno.ENOMEM, "x"), RuntimeError("can't start new thread")]
)
def test_want_of_memory_is_told_as_what_it_is(error: Exception) -> None:
    (line,) = told(error)
    assert line.startswith("There was not enough memory to go on; what was done is kept.")
