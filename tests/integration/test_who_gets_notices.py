"""Who is sent a notice, on a whole installation: read when it is handed over, not only when it is queued."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.app import App
from subscribers.tokens import Purpose
from tests.installation import Clock, ask_to_join, installation, join, mails

ANN = "ann@reader.example"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with installation(tmp_path, clock=Clock()) as app:
        yield app


@pytest.fixture
def in_test_mode(tmp_path: Path) -> Iterator[App]:
    with installation(tmp_path, clock=Clock(), live=False) as app:
        yield app


def pass_time(app: App, **span: float) -> None:
    assert isinstance(app.clock, Clock)
    app.clock.pass_time(**span)


def subjects(app: App, to: str = ANN) -> list[str]:
    """Return the first word of each subject sent to an address."""
    return [str(mail["Subject"]).split()[0] for mail in mails(app, to=to)]


def arrived(app: App) -> list[str]:
    """Return the subjects of what reached the address itself: in test mode the operator has it instead."""
    found = []
    for mail in mails(app, to=ANN):
        [address] = mail["To"].addresses
        if address.addr_spec == ANN:
            found.append(str(mail["Subject"]))
    return found


def bring_in(app: App, *, invite: bool) -> None:
    app.reader_desk.import_readers(f"email\n{ANN}\n".encode(), file_name="x.csv", proof="", invite=invite)


def test_a_new_reader_is_welcomed(app: App) -> None:
    ask_to_join(app, ANN)
    app.run()
    assert len(mails(app, to=ANN)) == 1
    join(app, ANN)
    app.run()
    assert len(mails(app, to=ANN)) == 2


def test_whoever_left_at_once_gets_no_welcome(app: App) -> None:
    app.readers.unsubscribe(app.readers.link(Purpose.UNSUBSCRIBE, join(app, ANN)))
    app.run()
    assert subjects(app) == []


def test_a_link_to_the_preferences_goes_to_readers_only(app: App) -> None:
    join(app, ANN)
    app.run()
    before = subjects(app)
    ask_to_join(app, ANN)
    app.readers.remove(ANN, source="test")
    app.run()
    assert subjects(app) == before


def test_nobody_is_asked_whom_the_operator_forbade_meanwhile(app: App) -> None:
    ask_to_join(app, ANN)
    app.readers.suppress(ANN, source="test")
    app.run()
    assert subjects(app) == []


def test_nobody_is_asked_who_left_before_being_asked(app: App) -> None:
    person = ask_to_join(app, ANN)
    app.readers.unsubscribe(app.readers.link(Purpose.UNSUBSCRIBE, person))
    app.run()
    assert subjects(app) == []


def test_nobody_is_asked_who_was_erased_meanwhile(app: App) -> None:
    ask_to_join(app, ANN)
    app.readers.erase(ANN, source="test")
    app.run()
    assert mails(app) == []


# --- The end of test mode --------------------------------------------------------------------------


def test_going_live_asks_nobody_who_merely_came_in_a_file(in_test_mode: App) -> None:
    app = in_test_mode
    bring_in(app, invite=False)
    app.run()
    assert app.go_live().asked_again == 0
    app.run()
    assert mails(app) == []


@pytest.mark.parametrize("days", [0, 1, 7])
@pytest.mark.parametrize("invited", [False, True])
def test_going_live_asks_those_once_whose_mail_went_to_the_operator(
    in_test_mode: App, days: int, invited: bool
) -> None:
    app = in_test_mode
    if invited:
        bring_in(app, invite=True)
    else:
        ask_to_join(app, ANN)
    app.run()
    assert arrived(app) == []
    pass_time(app, days=days)
    assert app.go_live().asked_again == 1
    ask_to_join(app, ANN)
    app.run()
    assert len(arrived(app)) == 1


def test_going_live_asks_nobody_whose_request_is_too_old(in_test_mode: App) -> None:
    app = in_test_mode
    ask_to_join(app, ANN)
    app.run()
    pass_time(app, days=7, seconds=1)
    assert app.go_live().asked_again == 0


def test_going_live_adds_nothing_to_a_confirm_mail_that_still_waits(in_test_mode: App) -> None:
    app = in_test_mode
    ask_to_join(app, ANN)
    app.run()
    pass_time(app, days=1)
    ask_to_join(app, ANN)
    assert app.go_live().asked_again == 0
    app.run()
    assert len(arrived(app)) == 1


def test_going_live_asks_nobody_who_left_or_was_forbidden(in_test_mode: App) -> None:
    app = in_test_mode
    left = ask_to_join(app, ANN)
    ask_to_join(app, "bob@reader.example")
    app.run()
    app.readers.unsubscribe(app.readers.link(Purpose.UNSUBSCRIBE, left))
    app.readers.suppress("bob@reader.example", source="test")
    assert app.go_live().asked_again == 0
