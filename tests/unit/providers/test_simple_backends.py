"""What the backends that keep or write mail do beyond the contract."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.file import FileBackend
from digest.providers.maildir import MaildirBackend
from digest.providers.memory import MemoryBackend


def message(number: int = 1, data: bytes = b"Subject: Hello\r\n\r\nHello\r\n") -> Message:
    return Message(
        delivery_id=number, envelope_from="news@example.org", envelope_to="jane@example.net", data=data
    )


def allow(ids: Sequence[int]) -> frozenset[int]:
    return frozenset(ids)


def never(ids: Sequence[int]) -> frozenset[int]:
    raise AssertionError("commit must not be reached")


@pytest.mark.parametrize("kind", [OutcomeKind.TEMPORARY, OutcomeKind.REJECTED, OutcomeKind.UNSENDABLE])
def test_a_scripted_refusal_comes_before_the_commit_point(kind: OutcomeKind) -> None:
    backend = MemoryBackend(lambda message: kind)
    assert list(backend.hand_over([message()], never)) == [Outcome(delivery_id=1, kind=kind)]
    assert backend.messages == []


def test_a_scripted_lost_reply_comes_after_the_message_arrived() -> None:
    backend = MemoryBackend(lambda message: OutcomeKind.UNCERTAIN)
    (outcome,) = backend.hand_over([message()], allow)
    assert outcome.kind is OutcomeKind.UNCERTAIN
    assert backend.messages == [message()]


def test_the_same_delivery_twice_leaves_one_file(tmp_path: Path) -> None:
    backend = FileBackend(tmp_path)
    list(backend.hand_over([message(data=b"first\r\n")], allow))
    (outcome,) = backend.hand_over([message(data=b"second\r\n")], allow)
    assert [path.name for path in tmp_path.iterdir()] == ["delivery-00000001.eml"] == [outcome.provider_id]
    assert (tmp_path / "delivery-00000001.eml").read_bytes() == b"second\r\n"


def test_nothing_is_left_aside_when_commit_says_no_or_raises(tmp_path: Path) -> None:
    backend = FileBackend(tmp_path)
    list(backend.hand_over([message()], lambda ids: frozenset()))
    with pytest.raises(AssertionError):
        list(backend.hand_over([message()], never))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_needs_the_operator(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(BackendUnavailable, match="taken") as caught:
        list(FileBackend(tmp_path / "taken").hand_over([message()], never))
    assert caught.value.operator_must_act


def test_a_name_that_cannot_be_given_after_the_commit_point_is_an_outcome(tmp_path: Path) -> None:
    (tmp_path / "delivery-00000001.eml").mkdir()
    (outcome,) = FileBackend(tmp_path).hand_over([message()], allow)
    assert outcome.kind is OutcomeKind.TEMPORARY


def test_a_folder_that_vanished_during_the_commit_is_an_outcome(tmp_path: Path) -> None:
    folder = tmp_path / "out"

    def vanish(ids: Sequence[int]) -> frozenset[int]:
        folder.rename(tmp_path / "elsewhere")
        return frozenset(ids)

    (outcome,) = FileBackend(folder).hand_over([message()], vanish)
    assert outcome.kind is OutcomeKind.TEMPORARY


DATED = b"Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nSubject: Hello\r\n\r\nDate: of the body\r\n"


def test_a_maildir_is_made_and_holds_whole_mails_in_new_alone(tmp_path: Path) -> None:
    backend = MaildirBackend(tmp_path / "Maildir", host="mail:host/one")
    (outcome,) = backend.hand_over([message(7, DATED)], allow)
    assert outcome.kind is OutcomeKind.ACCEPTED
    (mail,) = (tmp_path / "Maildir" / "new").iterdir()
    assert mail.name == outcome.provider_id
    assert mail.name.startswith("1795424400.D7H")
    assert mail.name.endswith(r".mail\072host\057one")
    assert mail.read_bytes() == DATED
    assert mail.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in (tmp_path / "Maildir").iterdir()} == {"tmp", "new", "cur"}
    assert list((tmp_path / "Maildir" / "tmp").iterdir()) == []


def test_the_same_mail_again_takes_the_place_of_the_first_while_it_is_unread(tmp_path: Path) -> None:
    backend = MaildirBackend(tmp_path)
    list(backend.hand_over([message(7, DATED)], allow))
    list(backend.hand_over([message(7, DATED)], allow))
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_new_folders_are_durable_before_a_mail_in_them_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    really = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        really(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    folder = tmp_path / "of" / "Maildir"
    list(MaildirBackend(folder).hand_over([message()], allow))
    made = [tmp_path, tmp_path / "of", folder]
    assert [path for path in synced if path in made] == [*made, folder, folder]
    assert synced[-1] == folder / "new"


def test_mails_of_two_newsletters_in_one_maildir_do_not_meet(tmp_path: Path) -> None:
    """Both count their deliveries from 1; what they say differs, the Message-ID at least."""
    backend = MaildirBackend(tmp_path)
    list(backend.hand_over([message(1, DATED)], allow))
    list(backend.hand_over([message(1, DATED + b"other\r\n")], allow))
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_a_mail_without_a_date_is_delivered_too(tmp_path: Path) -> None:
    list(MaildirBackend(tmp_path).hand_over([message(data=b"Subject: Hello\r\n\r\nDate: none\r\n")], allow))
    (mail,) = (tmp_path / "new").iterdir()
    assert mail.name.startswith("0.D1H")


def test_a_maildir_that_cannot_be_made_needs_the_operator(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(BackendUnavailable, match="taken") as caught:
        list(MaildirBackend(tmp_path / "taken").hand_over([message()], never))
    assert caught.value.operator_must_act
