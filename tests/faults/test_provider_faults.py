"""What the providers' backends make of providers and networks that fail.

The row numbers are those of the list of faults the project was designed against (provider interfaces, 51 to
66); each row runs against every provider it can happen to. Ledger and second backend: ``tests/contracts``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.base import Backend, Doubt, Reconciles
from digest.providers.keys import call_key
from digest.providers.letter import letter_of
from digest.providers.pace import Pace
from tests.finished_mails import message, messages
from tests.provider_backends import HASTY, KINDS
from tests.provider_servers import (
    KEY,
    SECRET,
    Provider,
    dropping,
    losing,
    provider,
    reply,
    ses_error,
)
from tests.smtp_servers import closed_port

BY_HTTP = [name for name in KINDS if name not in ("ses", "anymail:postmark")]
SENT_AT = datetime(2026, 6, 14, 6, 0, tzinfo=UTC)
PAGE = reply(200, body=b"<!doctype html><title>Log in to the network</title>", content_type="text/html")

ACCEPTED, TEMPORARY, REJECTED = OutcomeKind.ACCEPTED, OutcomeKind.TEMPORARY, OutcomeKind.REJECTED
UNCERTAIN, UNSENDABLE = OutcomeKind.UNCERTAIN, OutcomeKind.UNSENDABLE


@pytest.fixture(params=KINDS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def far(name: str) -> Iterator[Provider]:
    with provider(KINDS[name].desk()) as far:
        yield far


@pytest.fixture
def backend(name: str, far: Provider) -> Iterator[Backend]:
    backend = KINDS[name].opens(far.url)
    yield backend
    backend.close()


def of(*names: str) -> Any:
    """Run a test against these providers only."""
    return pytest.mark.parametrize("name", names)


def allow(ids: Sequence[int]) -> frozenset[int]:
    return frozenset(ids)


def hand_over(
    backend: Backend, batch: Sequence[Message] = ()
) -> tuple[list[Outcome], BackendUnavailable | None]:
    """Hand mails over; return the outcomes, and what was raised after them."""
    outcomes: list[Outcome] = []
    try:
        outcomes.extend(backend.hand_over(batch or [message()], allow))
    except BackendUnavailable as error:
        return outcomes, error
    return outcomes, None


def kinds(outcomes: Sequence[Outcome]) -> list[OutcomeKind]:
    return [outcome.kind for outcome in sorted(outcomes, key=lambda one: one.delivery_id)]


def doubts(
    batch: Sequence[Message], *, age: timedelta, may_replay: bool = True, chunk: str = ""
) -> list[Doubt]:
    return [
        Doubt(
            delivery_id=one.delivery_id,
            message=one,
            may_replay=may_replay,
            chunk=chunk or call_key(batch),
            submitted_at=SENT_AT,
            age_s=age.total_seconds(),
        )
        for one in batch
    ]


def reconciled(backend: Backend, asked: Sequence[Doubt]) -> list[Outcome]:
    assert isinstance(backend, Reconciles)
    return list(backend.reconcile(asked))


# --- 51 to 54: the answer is slow, broken or an error ------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("7", 7), ("0", 1), ("86400", 4000), ("1e400", 4000), ("-5", 0), ("soon", 0), ("", 0)],
)
def test_row_51_too_many_calls_wait_as_long_as_asked_up_to_a_cap(
    far: Provider, backend: Backend, asked: str, seconds: int
) -> None:
    far.then(reply(429, {"message": "Slow down"}, **({"retry_after": asked} if asked else {})))
    outcomes, trouble = hand_over(backend)
    assert (kinds(outcomes), trouble) == ([TEMPORARY], None)
    assert outcomes[0].retry_after_s == seconds
    assert far.desk.mails == []


def test_row_51_a_date_to_come_back_at_is_read_by_the_providers_own_clock(
    far: Provider, backend: Backend
) -> None:
    """Whatever our clock says: here it is off by years."""
    now = datetime(2031, 1, 1, tzinfo=UTC)
    dates = {"date": format_datetime(now, usegmt=True)}
    until = format_datetime(now + timedelta(seconds=90), usegmt=True)
    far.then(reply(429, {"message": "Slow down"}, retry_after=until, **dates))
    outcomes, _ = hand_over(backend)
    assert outcomes[0].retry_after_s == 90


def test_row_51_nobody_calls_while_the_provider_asked_to_wait(name: str, far: Provider) -> None:
    pace = Pace()
    first, second = (KINDS[name].opens(far.url, pace=pace) for _ in range(2))
    far.then(reply(429, {"message": "Slow down"}, retry_after="30"))
    hand_over(first)
    outcomes, trouble = hand_over(second)
    first.close()
    second.close()
    assert (outcomes, len(far.calls)) == ([], 1)
    assert trouble is not None
    assert 28 <= trouble.retry_after_s <= 31
    assert not trouble.operator_must_act


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_row_52_a_server_error_proves_nothing(far: Provider, backend: Backend, status: int) -> None:
    far.then(reply(status, {"message": "Oh no"}))
    outcomes, trouble = hand_over(backend)
    assert (kinds(outcomes), trouble) == ([UNCERTAIN], None)


@of("resend", "brevo")
def test_row_52_where_there_is_a_key_the_same_call_is_made_again(far: Provider, backend: Backend) -> None:
    """Whether the error came after the mail was taken, or before: it arrives once."""

    def taking(desk: Any, asked: Any) -> Any:
        desk.take(asked)
        return reply(500, {"message": "Oh no"})

    for number, fault in ((1, taking), (2, reply(500, {"message": "Oh no"}))):
        far.then(fault)
        one = [message(number)]
        assert kinds(hand_over(backend, one)[0]) == [UNCERTAIN]
        assert kinds(reconciled(backend, doubts(one, age=timedelta(minutes=1)))) == [ACCEPTED]
    assert len(far.desk.mails) == 2
    assert far.calls[0].body == far.calls[1].body


def test_row_53_unavailable_with_a_time_to_come_back_is_no_doubt(far: Provider, backend: Backend) -> None:
    far.then(reply(503, {"message": "Back soon"}, retry_after="20"))
    outcomes, trouble = hand_over(backend)
    assert (kinds(outcomes), trouble) == ([TEMPORARY], None)
    assert outcomes[0].retry_after_s == 20


@pytest.mark.parametrize("fault", [losing, dropping], ids=lambda fault: fault.__name__)
def test_row_54_a_line_that_goes_dead_after_the_call_is_a_doubt(
    far: Provider, backend: Backend, fault: Any
) -> None:
    far.then(fault)
    outcomes, trouble = hand_over(backend)
    assert (kinds(outcomes), trouble) == ([UNCERTAIN], None)
    assert len(far.calls) == 1, "no library below may repeat a call by itself"
    assert len(far.desk.mails) == (1 if fault is losing else 0)


@pytest.mark.parametrize("body", [b'{"data": [{"i', b"", b"null", b"[]", b"{}", b"[1", b"\xff\xfe", b"0"])
def test_row_54_a_good_status_with_words_nobody_can_read_is_a_doubt(
    name: str, far: Provider, backend: Backend, body: bytes
) -> None:
    """But for SendGrid, whose good answer has no body: there the status is 202."""
    far.then(reply(200, body=body, content_type="application/json"))
    outcomes, _ = hand_over(backend)
    assert kinds(outcomes) == [UNCERTAIN]


def test_row_54_an_answer_that_is_cut_off_is_a_doubt(far: Provider, backend: Backend) -> None:
    far.then(reply(200, body=b'{"id": "x"', content_type="application/json", cut=True))
    assert kinds(hand_over(backend)[0]) == [UNCERTAIN]


@of(*BY_HTTP)
def test_row_54_an_answer_that_does_not_come_is_a_doubt(name: str, far: Provider) -> None:
    backend = KINDS[name].opens(far.url, limits=HASTY)
    far.then(far.hanging)
    outcomes, trouble = hand_over(backend)
    backend.close()
    assert (kinds(outcomes), trouble) == ([UNCERTAIN], None)


def test_where_not_a_byte_went_out_it_is_tried_again(name: str) -> None:
    backend = KINDS[name].opens(f"http://127.0.0.1:{closed_port()}")
    outcomes, trouble = hand_over(backend)
    backend.close()
    assert kinds(outcomes) == [TEMPORARY]
    assert trouble is not None
    assert not trouble.operator_must_act


# --- 55 to 57: keys ---------------------------------------------------------------------------------


@of("resend")
def test_row_55_another_mail_under_the_same_key_is_held_and_told(far: Provider, backend: Backend) -> None:
    """Never a new key: whatever is known under the old one may be on its way."""
    hand_over(backend, [message(1, words="first")])
    outcomes, trouble = hand_over(backend, [message(1, words="second")])
    assert (kinds(outcomes), trouble) == ([UNSENDABLE], None)
    assert outcomes[0].alarm
    assert len({call.headers["idempotency-key"] for call in far.calls}) == 1
    assert len(far.desk.mails) == 1


@of("resend")
def test_row_56_a_key_that_is_at_work_is_waited_for_and_asked_again(far: Provider, backend: Backend) -> None:
    busy = reply(409, {"name": "concurrent_idempotent_requests", "message": "In progress"})
    far.then(busy, busy)
    one = [message()]
    assert kinds(hand_over(backend, one)[0]) == [UNCERTAIN]
    asked = doubts(one, age=timedelta(minutes=1))
    assert kinds(reconciled(backend, asked)) == [UNCERTAIN]
    assert kinds(reconciled(backend, asked)) == [ACCEPTED]
    assert len({call.headers["idempotency-key"] for call in far.calls}) == 1
    assert len(far.desk.mails) == 1


@of("resend")
def test_row_57_a_key_past_its_life_is_not_used_again(far: Provider, backend: Backend) -> None:
    far.then(losing)
    one = [message()]
    hand_over(backend, one)
    assert kinds(reconciled(backend, doubts(one, age=timedelta(hours=23)))) == [TEMPORARY]
    assert len(far.calls) == 1


@of("brevo")
def test_row_57_a_key_past_its_life_gives_way_to_the_records(far: Provider, backend: Backend) -> None:
    far.then(losing)
    one = [message()]
    hand_over(backend, one)
    assert kinds(reconciled(backend, doubts(one, age=timedelta(minutes=14)))) == [ACCEPTED]
    assert len(far.calls) == 1


@of("resend")
@pytest.mark.parametrize("change", ["reader", "missing"])
def test_a_call_that_is_no_longer_the_same_is_not_made_again(
    far: Provider, backend: Backend, change: str
) -> None:
    """A reader left or chose otherwise since, or one of the mails was settled meanwhile."""
    far.then(losing)
    batch = messages(3)
    hand_over(backend, batch)
    asked = doubts(batch, age=timedelta(minutes=1))
    if change == "missing":
        asked = asked[:2]
    else:
        asked[1:2] = doubts([batch[1]], age=timedelta(minutes=1), may_replay=False, chunk=asked[0].chunk)
    assert set(kinds(reconciled(backend, asked))) == {TEMPORARY}
    assert len(far.calls) == 1


# --- 58 to 61: refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "size"), [("postmark", 50), ("resend", 100)])
def test_row_58_some_of_a_batch_are_refused_one_by_one(far: Provider, backend: Backend, size: int) -> None:
    far.desk.refuse = {f"reader{number}@example.net" for number in (7, 8, 40)}
    outcomes, trouble = hand_over(backend, messages(size))
    assert trouble is None
    refused = sorted(one.delivery_id for one in outcomes if one.kind is REJECTED)
    assert refused == [7, 8, 40]
    assert sum(one.kind is ACCEPTED for one in outcomes) == size - 3
    ids = {one.delivery_id: one.provider_id for one in outcomes if one.kind is ACCEPTED}
    assert ids[9] == f"{type(far.desk).__name__.lower()}-7", "each id is that of its own mail"
    assert len(far.calls) == 1


@of("postmark", "resend")
@pytest.mark.parametrize("change", [-1, 1])
def test_row_59_an_answer_with_too_few_or_too_many_words_puts_the_batch_in_doubt(
    far: Provider, backend: Backend, change: int
) -> None:
    def miscounting(desk: Any, asked: Any) -> Any:
        said = json.loads(desk.take(asked).body)
        words = said if isinstance(said, list) else said["data"]
        if change < 0:
            words.pop()
        else:
            words.append(words[-1])
        return reply(200, said)

    far.then(miscounting)
    outcomes, _ = hand_over(backend, messages(3))
    assert kinds(outcomes) == [UNCERTAIN] * 3


REFUSALS = [
    *[(name, reply(401, {"message": f"no such key {KEY}"})) for name in KINDS],
    *[(name, reply(402, {"message": "pay first"})) for name in KINDS],
    *[(name, reply(403, {"message": "not allowed"})) for name in KINDS],
    ("ses", ses_error(400, "AccountSuspendedException", "permanently restricted")),
    ("ses", ses_error(400, "SendingPausedException", "paused")),
    ("ses", ses_error(400, "MailFromDomainNotVerifiedException", "not verified")),
    ("ses", ses_error(400, "MessageRejected", "Email address is not verified: news@example.org")),
    ("ses", ses_error(429, "TooManyRequestsException", "Daily message quota exceeded.")),
    ("resend", reply(429, {"name": "daily_quota_exceeded", "message": "daily quota"})),
    ("resend", reply(429, {"name": "monthly_quota_exceeded", "message": "monthly quota"})),
    ("brevo", reply(400, {"code": "not_enough_credits", "message": "no credits left"})),
    ("brevo", reply(400, {"code": "invalid_parameter", "message": "sender is not valid"})),
    ("postmark", reply(422, {"ErrorCode": 400, "Message": "The 'From' address is no sender signature"})),
    ("postmark", reply(200, [{"ErrorCode": 413, "Message": "This account may not send"}])),
    ("postmark", reply(422, {"ErrorCode": 300, "Message": "Invalid 'From' address"})),
    ("mailgun", reply(400, {"message": "Domain is not allowed to send: not activated"})),
    ("mailgun", reply(404, body=b"Domain not found")),
    ("sendgrid", reply(400, {"errors": [{"field": "from.email", "message": "no verified sender"}]})),
    ("sparkpost", reply(420, {"errors": [{"message": "Exceed Sending Limit (daily)", "code": "2102"}]})),
    ("sparkpost", reply(400, {"errors": [{"message": "Unconfigured domain", "code": "7001"}]})),
    (
        "mailjet",
        reply(
            400,
            {
                "Messages": [
                    {
                        "Status": "error",
                        "Errors": [
                            {"StatusCode": 400, "ErrorRelatedTo": ["From"], "ErrorMessage": "unknown"}
                        ],
                    }
                ]
            },
        ),
    ),
]


@pytest.mark.parametrize(("name", "refusal"), REFUSALS, ids=lambda given: getattr(given, "status", given))
def test_row_60_a_refusal_of_us_makes_all_mail_wait_and_blames_nobody(
    far: Provider, backend: Backend, refusal: Any
) -> None:
    far.then(refusal)
    outcomes, trouble = hand_over(backend, messages(1))
    assert kinds(outcomes) == [TEMPORARY]
    assert trouble is not None
    assert trouble.operator_must_act
    assert KEY not in str(trouble) + outcomes[0].detail
    assert not outcomes[0].suppressed
    assert far.desk.mails == []


def test_row_60_after_a_refusal_the_next_mails_are_not_tried(
    name: str, far: Provider, backend: Backend
) -> None:
    far.then(reply(403, {"message": "suspended"}))
    batch = messages(backend.batch_size + 1)
    outcomes, trouble = hand_over(backend, batch)
    assert len(outcomes) == backend.batch_size
    assert trouble is not None
    assert len(far.calls) == 1


@of("postmark", "sparkpost", "anymail:postmark")
def test_row_61_an_address_the_provider_will_not_mail_any_more_is_suppressed(
    far: Provider, backend: Backend
) -> None:
    far.desk.inactive = {"reader2@example.net"}
    outcomes, trouble = hand_over(backend, messages(3))
    assert (kinds(outcomes), trouble) == ([ACCEPTED, REJECTED, ACCEPTED], None)
    assert [one.suppressed for one in outcomes] == [False, True, False]
    assert "reader2" not in str(outcomes), "no address goes into the ledger or a log"


@of("resend", "brevo", "postmark", "mailgun", "sendgrid", "sparkpost", "mailjet")
def test_a_bad_address_is_refused_for_good_and_nobody_else_is(far: Provider, backend: Backend) -> None:
    far.desk.refuse = {"reader2@example.net"}
    outcomes, trouble = hand_over(backend, messages(3))
    assert (kinds(outcomes), trouble) == ([ACCEPTED, REJECTED, ACCEPTED], None)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refusal_nobody_can_place_holds_the_mail_and_blames_nobody(
    far: Provider, backend: Backend, status: int
) -> None:
    far.then(reply(status, {"message": "something about it"}))
    outcomes, trouble = hand_over(backend)
    assert (kinds(outcomes), trouble) == ([UNSENDABLE], None)


# --- 62 to 65: who answers, what is on record ---------------------------------------------------------


def test_row_62_a_login_page_in_place_of_the_provider_is_a_doubt_and_a_pause(
    far: Provider, backend: Backend
) -> None:
    far.then(PAGE)
    outcomes, trouble = hand_over(backend)
    assert kinds(outcomes) == [UNCERTAIN]
    assert trouble is not None
    assert trouble.operator_must_act
    assert "network" in str(trouble)


@of("brevo", "postmark", "mailgun", "sendgrid")
def test_a_mail_on_record_has_arrived(name: str, far: Provider, backend: Backend) -> None:
    far.then(losing)
    batch = messages(2)
    for one in batch:
        hand_over(backend, [one])
    (outcome,) = reconciled(backend, doubts(batch[:1], age=timedelta(minutes=30), may_replay=False))
    assert (outcome.kind, outcome.delivery_id) == (ACCEPTED, 1)
    assert outcome.provider_id
    assert len(far.calls) == 2


@of("brevo", "postmark", "mailgun", "sendgrid")
@pytest.mark.parametrize(
    "trouble", [reply(500, {}), reply(200, body=b"{"), reply(401, {}), PAGE, reply(200, [7])], ids=repr
)
def test_row_63_records_that_cannot_be_read_say_nothing(
    far: Provider, backend: Backend, trouble: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far.desk, "tell", lambda asked: trouble)
    asked = doubts(messages(1), age=timedelta(hours=5), may_replay=False)
    assert kinds(reconciled(backend, asked)) == [UNCERTAIN]


@of("brevo", "postmark", "mailgun", "sendgrid")
def test_row_63_records_that_run_late_never_make_a_mail_go_twice(
    name: str, far: Provider, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter of an hour late: until twenty minutes are over, "not there" is not believed."""
    far.then(losing)
    hand_over(backend)
    for minutes, late, wanted in (
        (6, True, UNCERTAIN),
        (19, True, UNCERTAIN),
        (19, False, ACCEPTED),
        (20, True, TEMPORARY),
    ):
        asked = doubts(messages(1), age=timedelta(minutes=minutes), may_replay=False)
        with monkeypatch.context() as patched:
            if late:
                patched.setattr(far.desk, "mails", [])
                patched.setattr(far.desk, "references", [])
            assert kinds(reconciled(backend, asked)) == [wanted], minutes


@of("postmark", "mailgun", "sendgrid")
def test_row_63_records_are_not_asked_before_they_can_know(far: Provider, backend: Backend) -> None:
    asked = doubts(messages(1), age=timedelta(seconds=119), may_replay=False)
    assert kinds(reconciled(backend, asked)) == [UNCERTAIN]
    assert far.asked == []


@of("sendgrid")
def test_records_of_an_earlier_mail_with_the_same_subject_are_not_taken_for_this_one(
    far: Provider, backend: Backend
) -> None:
    hand_over(backend)
    (asked,) = doubts(messages(1), age=timedelta(minutes=30), may_replay=False)
    later = Doubt(
        delivery_id=asked.delivery_id,
        message=asked.message,
        may_replay=False,
        chunk=asked.chunk,
        submitted_at=SENT_AT + timedelta(minutes=5),
        age_s=asked.age_s,
    )
    assert kinds(reconciled(backend, [later])) == [TEMPORARY]


REDIRECTS = [
    (name, status)
    for name in KINDS
    for status in (301, 302, 303, 307, 308)
    if (name, status)
    != ("ses", 303)  # Amazon's library trips over it, leaves a socket open, and sends nothing
]


@pytest.mark.parametrize(("name", "status"), REDIRECTS)
def test_row_64_a_redirect_is_not_followed(far: Provider, backend: Backend, status: int) -> None:
    """The mails would be posted, with our key, wherever an answer points."""
    with provider(type(far.desk)()) as elsewhere:
        far.then(reply(status, location=f"{elsewhere.url}{far.desk.sends}"))
        outcomes, trouble = hand_over(backend)
        assert elsewhere.asked == []
    assert kinds(outcomes) == [TEMPORARY]
    assert trouble is not None
    assert trouble.operator_must_act
    assert far.desk.mails == []


def test_row_65_a_mail_is_known_by_the_providers_id_and_by_our_own_name(
    far: Provider, backend: Backend
) -> None:
    """SES, Resend, Brevo and Mailjet write the Message-ID anew: their events would fit no mail of ours."""
    batch = messages(2)
    outcomes, _ = hand_over(backend, batch)
    stem = type(far.desk).__name__.lower()
    assert [stem in one.provider_id and str(one.delivery_id) in one.provider_id for one in outcomes] == [
        True
    ] * 2
    assert far.desk.references == [letter_of(one).reference for one in batch]
    assert [name.partition("-")[0] for name in far.desk.references] == ["d1", "d2"]


# --- What must never be seen, and what does not fit -----------------------------------------------------


def test_a_key_is_seen_in_no_log_no_repr_and_no_error(
    name: str, far: Provider, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Providers quote the key in their refusals, and libraries log every header to whoever listens."""
    caplog.set_level(logging.DEBUG)
    planted = "planted-wrong-key-0f3d"
    backend = KINDS[name].opens(far.url, planted)
    far.then(reply(401, {"message": f"{planted} is unknown", "Message": planted, "ErrorCode": 10}))
    outcomes, trouble = hand_over(backend)
    more, again = hand_over(backend)
    told = [
        repr(backend),
        repr(vars(backend)),
        repr(outcomes),
        repr(more),
        str(trouble),
        str(again),
        caplog.text,
    ]
    check = getattr(backend, "check", None)
    if check is not None:
        told.append(check())
        assert told[-1], "a wrong key is found out"
    backend.close()
    out, err = capsys.readouterr()
    for secret in (planted, SECRET):
        assert secret not in "\n".join([*told, out, err])


@of("brevo", "sparkpost")
@pytest.mark.parametrize("words", ["{{ contact.EMAIL }}", "{% if params %}"])
def test_what_the_provider_would_fill_in_is_held_and_never_sent(
    far: Provider, backend: Backend, words: str
) -> None:
    outcomes, _ = hand_over(backend, [message(1, words=words), message(2)])
    assert kinds(outcomes) == [UNSENDABLE, ACCEPTED]
    assert len(far.calls) == 1


def test_a_mail_of_another_shape_is_held_and_the_others_go(far: Provider, backend: Backend) -> None:
    odd = Message(
        delivery_id=1,
        envelope_from="a@example.org",
        envelope_to="b@example.net",
        data=b"From: a@example.org\r\nTo: b@example.net\r\nSubject: Hi\r\n\r\nNo parts\r\n",
    )
    outcomes, _ = hand_over(backend, [odd, message(2)])
    assert kinds(outcomes) == [UNSENDABLE, ACCEPTED]
    assert len(far.desk.mails) == 1


@of(*BY_HTTP)
def test_a_process_that_stood_still_after_the_commit_point_sends_nothing(name: str, far: Provider) -> None:
    """Somebody else may have taken the mails over meanwhile. The first look is from before the commit."""
    instants = iter([0.0, 5.1])
    backend = KINDS[name].opens(far.url, monotonic=lambda: next(instants))
    outcomes, _ = hand_over(backend)
    backend.close()
    assert kinds(outcomes) == [TEMPORARY]
    assert far.calls == []


def test_a_good_key_is_known_without_sending(name: str, far: Provider, backend: Backend) -> None:
    check = getattr(backend, "check", None)
    if check is not None:
        assert check() == ""
    assert far.calls == []
