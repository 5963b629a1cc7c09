"""What each provider's answers mean, as tables: pure, without a network."""

import json
from datetime import UTC, datetime

import pytest

from digest.model import OutcomeKind
from digest.net.call import Answer
from digest.providers.brevo import Brevo
from digest.providers.letter import CannotExpress, letter_of
from digest.providers.mailgun import Mailgun
from digest.providers.mailjet import Mailjet
from digest.providers.postmark import Postmark
from digest.providers.resend import Resend
from digest.providers.sendgrid import SendGrid
from digest.providers.sparkpost import SparkPost
from digest.providers.verdicts import general, retry_after_s, words_of
from digest.providers.wire import Habits, Records
from tests.finished_mails import message, messages

WIRES = {
    "resend": Resend(key="k"),
    "brevo": Brevo(key="k"),
    "postmark": Postmark(token="k"),
    "mailgun": Mailgun(key="k", domain="d.example"),
    "sendgrid": SendGrid(key="k"),
    "sparkpost": SparkPost(key="k"),
    "mailjet": Mailjet(key="k", secret="s"),
}
A, T, R = OutcomeKind.ACCEPTED, OutcomeKind.TEMPORARY, OutcomeKind.REJECTED
U, X = OutcomeKind.UNCERTAIN, OutcomeKind.UNSENDABLE
SINCE = datetime(2026, 6, 14, 6, 0, tzinfo=UTC)
ODD = [None, 7, "x", [], {}, [7], {"data": 7}, {"data": [], "errors": 7}, {"errors": []}, {"errors": [7]}]
ODD += [{"Messages": [7]}, {"Messages": []}, {"Messages": [{}]}, {"Messages": [{"Status": "error"}]}]
ODD += [{"results": 7}, {"results": {}}, {"code": 7}, {"events": 7}, {"messages": 7}, {"items": 7}]
ODD += [
    {"Messages": [{"Status": "error", "Errors": [{"StatusCode": 500}]}]},
    [{"ErrorCode": 0, "Message": "OK"}],
]


def answer(status, said, **headers):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Answer(
        status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body
    )


def counts(accepted, rejected):
    return {"results": {"total_accepted_recipients": accepted, "total_rejected_recipients": rejected}}


def mailjet_error(about, status=400):
    error = {"StatusCode": status, "ErrorRelatedTo": about, "ErrorMessage": "no"}
    return {"Messages": [{"Status": "error", "Errors": [error]}]}


def read(name, given, letters):
    return WIRES[name].read(given, letters) or general(given, letters)


@pytest.mark.parametrize(
    ("name", "status", "said", "kind", "pauses"),
    [
        ("resend", 200, {"data": [{"id": "1"}]}, A, False),
        ("resend", 200, {"data": [], "errors": [{"index": 0, "message": "Invalid `to` field"}]}, R, False),
        ("resend", 200, {"data": [], "errors": [{"index": 0, "message": "Too large"}]}, X, False),
        ("resend", 200, {"data": [], "errors": [{"index": 5, "message": "?"}]}, U, False),
        ("resend", 409, {"name": "invalid_idempotent_request"}, X, False),
        ("resend", 409, {"name": "concurrent_idempotent_requests"}, U, False),
        ("resend", 429, {"name": "daily_quota_exceeded"}, T, True),
        ("resend", 429, {"name": "rate_limit_exceeded"}, T, False),
        ("resend", 400, {"name": "validation_error", "message": "API key is invalid"}, T, True),
        ("resend", 401, {"name": "validation_error", "message": "API key is invalid"}, T, True),
        ("resend", 422, {"name": "invalid_from_address", "message": "Invalid `from` field"}, T, True),
        ("resend", 400, {"name": "validation_error", "message": "Invalid `subject`"}, X, False),
        ("brevo", 201, {"messageId": "<1>"}, A, False),
        ("brevo", 400, {"code": "duplicate_parameter"}, A, False),
        ("brevo", 400, {"code": "duplicate_request"}, A, False),
        ("brevo", 400, {"code": "account_under_validation"}, T, True),
        ("brevo", 400, {"code": "invalid_parameter", "message": "Sender is not valid"}, T, True),
        ("brevo", 400, {"code": "invalid_parameter", "message": "email is not valid in to"}, R, False),
        ("brevo", 400, {"code": "missing_parameter", "message": "subject"}, X, False),
        ("postmark", 200, [{"ErrorCode": 0, "Message": "OK", "MessageID": "1"}], A, False),
        ("postmark", 200, [{"ErrorCode": 0, "Message": "OK"}], U, False),
        ("postmark", 200, [{"ErrorCode": 406, "Message": "inactive"}], R, False),
        ("postmark", 200, [{"ErrorCode": 300, "Message": "Invalid 'To' address"}], R, False),
        ("postmark", 200, [{"ErrorCode": 300, "Message": "Invalid 'From' address"}], T, True),
        ("postmark", 200, [{"ErrorCode": 300, "Message": "Invalid metadata"}], X, False),
        ("postmark", 200, [{"ErrorCode": 100, "Message": "Maintenance"}], T, False),
        ("postmark", 422, {"ErrorCode": 412, "Message": "Pending approval"}, T, True),
        ("mailgun", 200, {"id": "<1@d>"}, A, False),
        ("mailgun", 400, {"message": "to parameter is not a valid address"}, R, False),
        ("mailgun", 400, {"message": "'to' is not valid"}, R, False),
        ("mailgun", 400, {"message": "Sandbox subdomains are for test purposes only"}, T, True),
        ("mailgun", 400, {"message": "no text"}, X, False),
        ("sendgrid", 202, b"", A, False),
        ("sendgrid", 202, b"<html>", U, True),
        ("sendgrid", 400, {"errors": [{"field": "personalizations.0.to.0.email"}]}, R, False),
        ("sendgrid", 400, {"errors": [{"field": "from", "message": "no"}]}, T, True),
        ("sendgrid", 400, {"errors": [{"field": "content", "message": "no"}]}, X, False),
        ("sparkpost", 200, counts(1, 0), A, False),
        ("sparkpost", 200, counts(0, 1), R, False),
        ("sparkpost", 200, counts(1, 1), U, False),
        ("sparkpost", 420, {"errors": [{"message": "limit"}]}, T, True),
        ("sparkpost", 400, {"errors": [{"code": "7001", "message": "domain"}]}, T, True),
        ("sparkpost", 400, {"errors": [{"code": "1902", "description": "suppressed"}]}, R, False),
        ("sparkpost", 400, {"errors": [{"code": "1902", "description": "template"}]}, X, False),
        ("sparkpost", 400, {"errors": [{"code": "5002"}]}, R, False),
        ("sparkpost", 400, {"errors": [{"code": "5001", "message": "List already exists"}]}, X, False),
        ("sparkpost", 400, {"errors": [{"code": "1502", "message": "resources unavailable"}]}, T, False),
        ("sparkpost", 400, {"errors": [{"code": "7000", "message": "blacklisted"}]}, T, True),
        ("sparkpost", 404, {"errors": [{"code": "1600", "message": "resource not found"}]}, T, True),
        ("mailjet", 200, {"Messages": [{"Status": "success", "To": [{"MessageID": 1}]}]}, A, False),
        ("mailjet", 200, {"Messages": [{"Status": "success", "To": [7]}]}, A, False),
        ("mailjet", 200, {"Messages": [{"Status": "success"}]}, A, False),
        ("mailjet", 400, mailjet_error(["To[0].Email"]), R, False),
        ("mailjet", 400, mailjet_error(["From"]), T, True),
        ("mailjet", 400, mailjet_error([], 401), T, True),
        ("mailjet", 400, mailjet_error(["HTMLPart"]), X, False),
    ],
)  # fmt: skip
def test_an_answer_is_read_as_documented(name, status, said, kind, pauses):
    reading = read(name, answer(status, said), [letter_of(message())])
    assert [one.kind for one in reading.outcomes] == [kind]
    assert bool(reading.pause) is pauses


@pytest.mark.parametrize("status", [200, 201, 400, 409, 422, 429, 500])
@pytest.mark.parametrize("name", WIRES)
def test_no_shape_of_an_answer_is_too_odd_to_be_read(name, status):
    """Each mail of the call has an outcome, and none is taken as accepted for want of anything better."""
    letters = [letter_of(one) for one in messages(2 if name in ("resend", "postmark") else 1)]
    for said in ODD:
        reading = read(name, answer(status, said), letters)
        assert len(reading.outcomes) == len(letters)
        assert A not in {one.kind for one in reading.outcomes}, said


@pytest.mark.parametrize("name", [name for name, wire in WIRES.items() if isinstance(wire, Records)])
def test_records_in_no_known_shape_are_no_answer(name):
    wrong = {"items": 7, "messages": 7, "Messages": 7, "events": 7}
    for said in (None, 7, [], wrong):
        with pytest.raises(ValueError, match="in the answer"):
            WIRES[name].found(answer(200, said), letter_of(message()), SINCE)


def test_records_of_others_are_not_ours():
    letter = letter_of(message())
    odd_lines = {"items": [7, {}, {"message": 7}, {"message": {"headers": 7}}]}
    assert WIRES["mailgun"].found(answer(200, odd_lines), letter, SINCE) is None
    assert WIRES["brevo"].found(answer(200, {"events": [7, {"tag": "d9"}]}), letter, SINCE) is None
    assert WIRES["postmark"].found(answer(200, {"Messages": [{"Metadata": None}]}), letter, SINCE) is None


def test_what_cannot_be_asked_or_written_is_refused():
    with pytest.raises(CannotExpress, match="quote"):
        WIRES["sendgrid"].look_up(letter_of(message(to="o'neil@example.net")), SINCE)
    odd = letter_of(message())
    boundary = f"everypost-{odd.reference}"
    with pytest.raises(CannotExpress, match="mark"):
        WIRES["mailgun"].send([letter_of(message(words=boundary))], "")


@pytest.mark.parametrize("name", WIRES)
def test_a_mail_without_the_optional_fields_is_written_too(name):
    plain = message()
    bare = plain.data.replace(b"Reply-To: ada@quietbench.example\r\n", b"")
    bare = b"".join(line for line in bare.splitlines(keepends=True) if not line.startswith(b"Message-ID"))
    letter = letter_of(type(plain)(delivery_id=1, envelope_from="a@x.org", envelope_to="b@x.org", data=bare))
    assert (letter.reply_to, letter.message_id) == (None, "")
    call = WIRES[name].send([letter], "")
    assert b"Message-ID" not in call.body
    assert "key" not in str(dict(call.headers)).lower().replace("x-postmark", "").replace("api-key", "")


@pytest.mark.parametrize("name", WIRES)
def test_no_wire_shows_its_key(name):
    wire = WIRES[name]
    assert "'k'" not in repr(wire)
    assert wire.secrets[0] == "k"
    assert "k" not in repr(wire.check()).replace("apikey", "").replace("postmark", "").replace(
        "sparkpost", ""
    )


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("5", "", 5), ("0.2", "", 1), ("99999", "", 4000), ("inf", "", 4000), ("nan", "", 0), ("-1", "", 0),
        ("Wed, 25 Nov 2026 10:00:30 GMT", "Wed, 25 Nov 2026 10:00:00 GMT", 30),
        ("Wed, 25 Nov 2026 10:00:30 GMT", "", 0), ("Wed, 25 Nov 2026 10:00:30 GMT", "whenever", 0),
        ("Wed, 25 Nov 2026 09:00:00 GMT", "Wed, 25 Nov 2026 10:00:00 GMT", 0),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms_and_capped(value, date, seconds):
    """RFC 9110 §10.2.3: seconds, or a date."""
    assert retry_after_s({"retry-after": value, "date": date}) == seconds


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "no"}', "no"), (b'{"errors": [{"message": "first"}]}', "first"),
        (b'{"ErrorMessage": "no"}', "no"), (b'{"message": 7}', ""), (b"Forbidden", "Forbidden"),
        (b"<html>no</html>", ""), (b"[]", ""),
    ],
)  # fmt: skip
def test_the_words_of_an_answer_are_found_where_providers_put_them(body, words):
    assert words_of(Answer(status=400, headers={}, body=body)) == words


def test_only_providers_that_can_be_asked_have_patience():
    assert Habits(title="x").patience is None
    patience = Habits(title="x", key_life_s=60, patience_s=90).patience
    assert (patience.settle.total_seconds(), patience.give_up.total_seconds()) == (5, 90)
    assert Habits(title="x", look_up_after_s=120, patience_s=900).patience.settle.total_seconds() == 120


@pytest.mark.parametrize("name", WIRES)
def test_a_mail_with_all_its_fields_is_written_the_same_each_time(name):
    """A key with another payload would be refused: the bytes must not depend on when they are made."""
    letter = letter_of(message())
    calls = [WIRES[name].send([letter], "the-key") for _ in range(2)]
    assert calls[0] == calls[1]
    assert b"ada@quietbench.example" in calls[0].body
    assert ("the-key" in str(calls[0].headers) + calls[0].body.decode()) is (name in ("resend", "brevo"))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("brevo", {"events": [{"tag": "REF", "messageId": "<1>"}]}),
        ("postmark", {"Messages": [{"Metadata": {"everypost": "REF"}, "MessageID": "1"}]}),
        ("mailgun", {"items": [{"message": {"headers": {"message-id": "MID"}}}]}),
        (
            "sendgrid",
            {
                "messages": [
                    {
                        "subject": "Über die Gefängnisse, Nr. 1",
                        "to_email": "reader1@example.net",
                        "sg_message_id_created_at": "2026-06-14T06:00:00Z",
                    }
                ]
            },
        ),
    ],
)
def test_a_letter_on_record_is_found_by_what_only_it_has(name, line):
    letter = letter_of(message())
    wire = WIRES[name]
    call = wire.look_up(letter, SINCE)
    assert "reader1" in call.url + call.body.decode()
    text = json.dumps(line).replace("REF", letter.reference).replace("MID", letter.message_id.strip("<>"))
    assert wire.found(answer(200, text.encode()), letter, SINCE).kind is A
    assert wire.found(answer(200, text.encode()), letter_of(message(2)), SINCE) is None


@pytest.mark.parametrize("status", [302, 401, 404])
def test_an_answer_about_us_pauses_whatever_its_words(status):
    reading = general(answer(status, b"<html>"), [letter_of(message())])
    assert reading.pause
    assert [one.kind for one in reading.outcomes] == [T]
