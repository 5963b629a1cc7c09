"""A program that takes mail as ``/usr/sbin/sendmail`` does: it keeps what it is given, or ends as told."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = """\
#!{python} -IS
import json, os, signal, sys, time
folder = {folder!r}
with open(os.path.join(folder, "answers")) as file:
    answers = json.load(file)
answer = answers.get(sys.argv[-1], answers.get("", 0))
if answer == "die":
    os.kill(os.getpid(), signal.SIGKILL)
if answer == "sleep":
    time.sleep(60)
mail = sys.stdin.buffer.read()
if answer == 0:
    name = os.path.join(folder, "{{0:06d}}-{{1}}".format(len(os.listdir(folder)), os.getpid()))
    with open(name + ".part", "wb") as file:
        file.write(json.dumps(sys.argv[1:]).encode() + b"\\n" + mail)
        file.flush()
        os.fsync(file.fileno())
    os.rename(name + ".part", name + ".mail")
else:
    sys.stderr.write("mail: " + sys.argv[-1] + ": told to say {{0}}".format(answer))
sys.exit(answer)
"""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One mail the program took."""

    arguments: list[str]
    data: bytes  # its line ends as they came, LF made CRLF

    @property
    def to(self) -> str:
        return self.arguments[-1]


@dataclass(frozen=True, kw_only=True)
class MailProgram:
    """The program, and what it was given."""

    path: Path
    folder: Path

    @property
    def command(self) -> tuple[str, ...]:
        return (str(self.path), "-i", "-f", "{from}", "--", "{to}")

    def answers(self, **by_address: int | str) -> None:
        """Let it end with these codes for these addresses; ``any`` stands for all others."""
        told = {("" if address == "any" else address): code for address, code in by_address.items()}
        (self.folder / "answers").write_text(json.dumps(told))

    def mails(self) -> Sequence[Taken]:
        """Return what it took, by delivery."""
        found = []
        for path in self.folder.glob("*.mail"):
            head, _, mail = path.read_bytes().partition(b"\n")
            assert b"\r" not in mail, "programs of Unix read lines that end in LF"
            found.append(Taken(arguments=json.loads(head), data=mail.replace(b"\n", b"\r\n")))
        return sorted(found, key=lambda mail: (_number(mail.data), mail.to))


@contextmanager
def mail_program(folder: Path) -> Iterator[MailProgram]:
    """Install the program; it takes everything until it is told otherwise."""
    kept, path = folder / "taken", folder / "take-mail"
    kept.mkdir()
    path.write_text(_PROGRAM.format(python=sys.executable, folder=str(kept)))
    path.chmod(0o700)
    program = MailProgram(path=path, folder=kept)
    program.answers()
    yield program


def number_of(path: Path) -> int:
    """Return the delivery a file of a Maildir holds."""
    return _number(path.read_bytes())


def _number(data: bytes) -> int:
    """Return the number of the delivery in a mail's Message-ID; 0 where it has none of ours."""
    found = re.search(rb"^Message-ID: <d(\d+)\.", data, re.MULTILINE)
    return int(found[1]) if found else 0
