"""What every backend keeps, the ones for tests included: the promises of ``digest.providers.base``.

A new backend is done when it has a line in ``far_sides``, a provider when it has one in
``provider_backends.KINDS``, and this file passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.model import OutcomeKind
from digest.providers.base import Backend
from digest.providers.file import FileBackend
from digest.providers.maildir import MaildirBackend
from digest.providers.memory import MemoryBackend
from digest.providers.sendmail import SendmailBackend
from digest.providers.smtp import SmtpBackend, SmtpConfig
from tests.finished_mails import Arrived, messages
from tests.finished_mails import arrived as as_arrived
from tests.mail_programs import mail_program, number_of
from tests.provider_backends import KINDS
from tests.provider_servers import provider
from tests.smtp_servers import mail_sink


@dataclass(frozen=True)
class FarSide:
    """A backend, and a look at what its far side durably has."""

    backend: Backend
    arrived: Callable[[], list[Arrived]]
    whole: bool = True  # it was given whole mails, so their bytes must be there


@contextmanager
def memory(folder: Path) -> Iterator[FarSide]:
    backend = MemoryBackend()
    yield FarSide(backend, lambda: [as_arrived(message.data) for message in backend.messages])


@contextmanager
def memory_in_batches(folder: Path) -> Iterator[FarSide]:
    backend = MemoryBackend(batch_size=10)
    yield FarSide(backend, lambda: [as_arrived(message.data) for message in backend.messages])


@contextmanager
def file(folder: Path) -> Iterator[FarSide]:
    yield FarSide(
        FileBackend(folder / "out"),
        lambda: [as_arrived(path.read_bytes()) for path in sorted((folder / "out").glob("*.eml"))],
    )


@contextmanager
def maildir(folder: Path) -> Iterator[FarSide]:
    def there() -> list[Arrived]:
        found = (folder / "Maildir" / "new").glob("*")
        return [as_arrived(path.read_bytes()) for path in sorted(found, key=number_of)]

    yield FarSide(MaildirBackend(folder / "Maildir"), there)


@contextmanager
def sendmail(folder: Path) -> Iterator[FarSide]:
    with mail_program(folder) as program:
        yield FarSide(
            SendmailBackend(program.command), lambda: [as_arrived(mail.data) for mail in program.mails()]
        )


@contextmanager
def smtp(folder: Path) -> Iterator[FarSide]:
    with mail_sink() as sink:
        backend = SmtpBackend(
            SmtpConfig(host="127.0.0.1", port=sink.port, security="none", local_hostname="client.test")
        )
        yield FarSide(backend, lambda: [as_arrived(received.data) for received in sink.accepted])
        backend.close()


def of_provider(name: str) -> Callable[[Path], AbstractContextManager[FarSide]]:
    @contextmanager
    def far_side(folder: Path) -> Iterator[FarSide]:
        kind = KINDS[name]
        with provider(kind.desk()) as far:
            backend = kind.opens(far.url)
            yield FarSide(backend, lambda: list(far.desk.mails), whole=kind.takes_whole_mails)
            backend.close()

    far_side.__name__ = name
    return far_side


far_sides = [memory, memory_in_batches, file, maildir, sendmail, smtp, *map(of_provider, KINDS)]


@pytest.fixture(params=far_sides, ids=lambda make: make.__name__)
def far(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FarSide]:
    with request.param(tmp_path) as far_side:
        yield far_side


class Ledger:
    """Answers commit and remembers: ``asked`` in order, and what had arrived at each question."""

    def __init__(self, far: FarSide, refuse: Sequence[int] = ()) -> None:
        self.far = far
        self.refuse = frozenset(refuse)
        self.asked: list[int] = []
        self.arrived_before: dict[int, list[Arrived]] = {}

    def commit(self, ids: Sequence[int]) -> frozenset[int]:
        for id_ in ids:
            self.asked.append(id_)
            self.arrived_before[id_] = self.far.arrived()
        return frozenset(ids) - self.refuse


def test_every_message_has_exactly_one_outcome(far: FarSide) -> None:
    ledger = Ledger(far)
    outcomes = list(far.backend.hand_over(messages(3), ledger.commit))
    assert sorted(outcome.delivery_id for outcome in outcomes) == [1, 2, 3]
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ACCEPTED}


def test_what_arrives_is_what_was_sent(far: FarSide) -> None:
    """Words, addresses and every header of ours; where whole mails are taken, every byte."""
    list(far.backend.hand_over(messages(3), Ledger(far).commit))
    assert far.arrived() == [as_arrived(message.data) for message in messages(3)]
    if far.whole:
        assert [mail.raw for mail in far.arrived()] == [message.data for message in messages(3)]


def test_one_click_unsubscribing_survives(far: FarSide) -> None:
    """RFC 8058: the link whole and in one piece, long as it is, and its companion."""
    list(far.backend.hand_over(messages(1), Ledger(far).commit))
    (mail,) = far.arrived()
    assert mail.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert mail.headers["list-unsubscribe"].startswith("<https://mail.quietbench.example/unsubscribe/k1.tttt")
    assert mail.headers["list-unsubscribe"] in as_arrived(messages(1)[0].data).headers["list-unsubscribe"]


def test_commit_is_asked_once_per_message_before_anything_of_it_arrived(far: FarSide) -> None:
    ledger = Ledger(far)
    list(far.backend.hand_over(messages(3), ledger.commit))
    assert sorted(ledger.asked) == [1, 2, 3]
    for message in messages(3):
        assert as_arrived(message.data) not in ledger.arrived_before[message.delivery_id]


def test_what_commit_refuses_never_arrives(far: FarSide) -> None:
    outcomes = list(far.backend.hand_over(messages(3), Ledger(far, refuse=[2]).commit))
    assert {outcome.delivery_id: outcome.kind for outcome in outcomes} == {
        1: OutcomeKind.ACCEPTED,
        2: OutcomeKind.WITHDRAWN,
        3: OutcomeKind.ACCEPTED,
    }
    assert far.arrived() == [as_arrived(messages(3)[0].data), as_arrived(messages(3)[2].data)]


def test_what_commit_raises_passes_through_and_nothing_arrives(far: FarSide) -> None:
    """Also an OSError: a backend must not take the ledger's trouble for the network's."""

    def broken(ids: Sequence[int]) -> frozenset[int]:
        raise OSError("the ledger is not there")

    with pytest.raises(OSError, match="the ledger is not there"):
        list(far.backend.hand_over(messages(1), broken))
    assert far.arrived() == []


def test_a_backend_works_again_after_commit_raised(far: FarSide) -> None:
    def broken(ids: Sequence[int]) -> frozenset[int]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        list(far.backend.hand_over(messages(1), broken))
    outcomes = list(far.backend.hand_over(messages(1), Ledger(far).commit))
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.ACCEPTED]
    assert far.arrived() == [as_arrived(messages(1)[0].data)]


def test_closing_twice_and_sending_after_it_are_harmless(far: FarSide) -> None:
    far.backend.close()
    list(far.backend.hand_over(messages(1), Ledger(far).commit))
    far.backend.close()
    far.backend.close()
    assert len(far.arrived()) == 1


def test_a_backend_names_itself(far: FarSide) -> None:
    assert far.backend.name
    assert far.backend.batch_size >= 1
