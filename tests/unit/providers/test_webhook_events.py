"""What each provider's events mean, once a call has proved itself."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from digest.delivery.events import EventKind as K
from digest.providers import ses_events, webhook
from digest.providers.webhook import MAX_EVENTS, PATH_SECRET, Forged, Malformed, check_password, moment
from tests import hook_calls
from tests.hook_calls import PROVIDERS, TOPIC, Call, genuine, parse, sns


def told(provider, said):
    return [(event.kind, event.code) for event in parse(genuine(provider, said))]


def ses(name, **more):
    return {"eventType": name, "mail": {"messageId": "m"}, **more}


def spark(kind, group="message_event", **more):
    return {"msys": {group: {"type": kind, "rcpt_to": "ann@reader.example", **more}}}


def bounced(kind, **recipient):
    return ses(
        "Bounce", bounce={"bounceType": kind, "bouncedRecipients": [{"emailAddress": "a@b.c", **recipient}]}
    )


MEANINGS = [
    (
        "postmark",
        {"RecordType": "Bounce", "Type": "HardBounce", "Details": "smtp;550 5.1.1 unknown"},
        K.BOUNCED_HARD,
        "5.1.1",
    ),
    ("postmark", {"RecordType": "Bounce", "Type": "SoftBounce"}, K.BOUNCED_SOFT, ""),
    ("postmark", {"RecordType": "Bounce", "Type": "Transient"}, K.DEFERRED, ""),
    ("postmark", {"RecordType": "Bounce", "Type": "Blocked"}, K.REJECTED, ""),
    ("postmark", {"RecordType": "Delivery", "DeliveredAt": "2026-11-23T09:00:00Z"}, K.DELIVERED, ""),
    (
        "postmark",
        {
            "RecordType": "SubscriptionChange",
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
        },
        K.UNSUBSCRIBED,
        "",
    ),
    ("brevo", {"event": "hard_bounce", "reason": "550 5.1.1 no such user"}, K.BOUNCED_HARD, "5.1.1"),
    ("brevo", {"event": "soft_bounce", "tag": "d17-0123456789ab"}, K.BOUNCED_SOFT, ""),
    ("brevo", {"event": "unsubscribe"}, K.UNSUBSCRIBED, ""),
    ("brevo", {"event": "blocked"}, K.REJECTED, ""),
    ("sparkpost", [spark("bounce", bounce_class="10", raw_reason="550 5.1.1 no")], K.BOUNCED_HARD, "5.1.1"),
    ("sparkpost", [spark("out_of_band", bounce_class=22)], K.BOUNCED_SOFT, ""),
    ("sparkpost", [spark("bounce", bounce_class="51")], K.REJECTED, ""),
    ("sparkpost", [spark("bounce", bounce_class="90")], K.UNSUBSCRIBED, ""),
    ("sparkpost", [spark("list_unsubscribe", "unsubscribe_event", event_id="1")], K.UNSUBSCRIBED, ""),
    ("sparkpost", [spark("delivery")], K.DELIVERED, ""),
    ("mailjet", {"event": "bounce", "hard_bounce": True, "error": "user unknown"}, K.BOUNCED_HARD, ""),
    ("mailjet", {"event": "bounce", "hard_bounce": False, "comment": "full"}, K.BOUNCED_SOFT, ""),
    ("mailjet", {"event": "bounce", "hard_bounce": False, "error": "greylisted"}, K.DEFERRED, ""),
    ("mailjet", {"event": "unsub"}, K.UNSUBSCRIBED, ""),
    (
        "mailgun",
        {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "delivery-status": {"code": 550, "message": "5.1.1 unknown"},
        },
        K.BOUNCED_HARD,
        "5.1.1",
    ),
    ("mailgun", {"event": "failed", "severity": "permanent", "reason": "generic"}, K.BOUNCED_SOFT, ""),
    (
        "mailgun",
        {"event": "failed", "severity": "temporary", "delivery-status": {"enhanced-code": "4.2.2"}},
        K.DEFERRED,
        "4.2.2",
    ),
    ("mailgun", {"event": "delivered"}, K.DELIVERED, ""),
    (
        "sendgrid",
        [{"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 no"}],
        K.BOUNCED_HARD,
        "5.1.1",
    ),
    ("sendgrid", [{"event": "bounce", "type": "blocked", "status": "5.7.1"}], K.BOUNCED_SOFT, "5.7.1"),
    ("sendgrid", [{"event": "dropped", "reason": "Bounced Address"}], K.BOUNCED_HARD, ""),
    ("sendgrid", [{"event": "dropped", "reason": "Invalid SMTPAPI header"}], K.REJECTED, ""),
    ("sendgrid", {"event": "group_unsubscribe", "sg_event_id": "1"}, K.UNSUBSCRIBED, ""),
    (
        "resend",
        {"type": "email.bounced", "data": {"bounce": {"type": "Permanent", "message": "5.1.1 no"}}},
        K.BOUNCED_HARD,
        "5.1.1",
    ),
    ("resend", {"type": "email.bounced", "data": {"bounce": {"type": "Transient"}}}, K.BOUNCED_SOFT, ""),
    ("resend", {"type": "email.delivered", "created_at": "2026-11-23T09:00:00Z"}, K.DELIVERED, ""),
    (
        "ses",
        bounced("Permanent", status="5.1.1", diagnosticCode="smtp; 550 5.1.1 no"),
        K.BOUNCED_HARD,
        "5.1.1",
    ),
    ("ses", bounced("Transient", status="4.2.2"), K.BOUNCED_SOFT, "4.2.2"),
    ("ses", ses("Delivery", delivery={"recipients": ["a@b.c", 7]}), K.DELIVERED, ""),
    (
        "ses",
        ses("DeliveryDelay", deliveryDelay={"delayedRecipients": [{"emailAddress": "a@b.c"}]}),
        K.DEFERRED,
        "",
    ),
    ("ses", ses("Reject"), K.REJECTED, ""),
    (
        "ses",
        ses(
            "Subscription", subscription={"contact": "a@b.c", "newTopicPreferences": {"unsubscribeAll": True}}
        ),
        K.UNSUBSCRIBED,
        "",
    ),
]


@pytest.mark.parametrize(("provider", "said", "kind", "code"), MEANINGS)
def test_what_a_provider_says_in_our_words(provider, said, kind, code):
    assert told(provider, said) == [(kind, code)]


NOTHING = [
    *[(provider, {}) for provider in PROVIDERS],
    *[(provider, [1, "x", None]) for provider in PROVIDERS if provider not in ("resend", "mailgun")],
    ("postmark", {"RecordType": "Bounce", "Type": "AutoResponder"}),
    ("postmark", {"RecordType": "Open"}),
    ("postmark", {"RecordType": "SubscriptionChange", "SuppressSending": False}),
    ("sparkpost", [spark("bounce", bounce_class="60"), spark("click")]),
    ("ses", ses("Open")),
    ("ses", ses("Subscription", subscription={"newTopicPreferences": {"unsubscribeAll": False}})),
    ("ses", ses("Delivery", delivery={"recipients": "a@b.c"})),
    ("brevo", {"event": "opened"}),
    ("mailgun", "text"),
]


@pytest.mark.parametrize(("provider", "said"), NOTHING)
def test_what_says_nothing_of_a_mail_is_passed_over(provider, said):
    assert told(provider, said) == []


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ("resend", {"type": "email.bounced", "data": {"tags": [{"name": "everypost", "value": "d1-a"}]}}),
        ("resend", {"type": "email.bounced", "data": {"tags": {"everypost": "d1-a"}, "to": [7, "ann@b.c"]}}),
        ("brevo", {"event": "spam", "tags": [7, "d1-a"]}),
        ("ses", ses("Reject") | {"mail": {"tags": {"everypost": ["d1-a"]}}}),
    ],
)
def test_our_name_for_a_mail_is_found_in_either_shape(provider, said):
    (event,) = parse(genuine(provider, said))
    assert event.reference == "d1-a"


def test_the_same_event_told_twice_has_the_same_name():
    said = [{"event": "delivered", "email": "a@b.c"}, {"event": "deferred", "email": "a@b.c"}]
    first, second = ([event.event_id for event in parse(genuine("sendgrid", said))] for _ in range(2))
    assert first == second
    assert len(set(first)) == 2


def test_a_very_long_name_is_kept_as_its_hash():
    (event,) = parse(genuine("postmark", {"RecordType": "SpamComplaint", "MessageID": "x" * 500}))
    assert len(event.event_id) == 64


def test_what_is_kept_raw_is_bounded_and_holds_no_nul():
    (event,) = parse(genuine("brevo", {"event": "spam", "more": "\0" + "x" * 50_000}))
    assert len(event.raw) <= webhook.RAW_MAX_CHARS
    assert "\0" not in event.raw


def test_a_call_of_very_many_events_is_cut():
    assert len(parse(genuine("brevo", [{"event": "spam"}] * (MAX_EVENTS + 1)))) == MAX_EVENTS


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[" * 100_000, b"plain"])
def test_a_body_that_is_no_json_is_malformed(body):
    for provider in ("postmark", "brevo"):
        with pytest.raises(Malformed):
            parse(genuine(provider, {}).with_body(body))


def test_a_message_of_sns_that_is_none_is_malformed():
    for body in (b"[]", b'{"Type": 7}'):
        with pytest.raises(Malformed):
            parse(Call(provider="ses", headers={}, body=body))
    with pytest.raises(Malformed):
        parse(
            sns(
                {
                    "Type": "Notification",
                    "MessageId": "1",
                    "TopicArn": TOPIC,
                    "Message": "no json",
                    "Timestamp": "",
                }
            )
        )
    assert (
        parse(
            sns(
                {
                    "Type": "Notification",
                    "MessageId": "1",
                    "TopicArn": TOPIC,
                    "Message": "[]",
                    "Timestamp": "",
                }
            )
        )
        == []
    )


def test_a_genuine_wish_of_our_topic_to_call_gives_the_address_to_confirm_at():
    url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
    fields = {"Type": "SubscriptionConfirmation", "MessageId": "1", "TopicArn": TOPIC, "Message": "Yes?"}
    call = sns(fields | {"Token": "t", "Timestamp": "2026-11-23T09:00:00Z", "SubscribeURL": url})
    found = ses_events.read_call(
        call.body, hook_calls.SECRETS, lambda _url: hook_calls.CERTIFICATE, hook_calls.NOW
    )
    assert found == ses_events.SnsCall(subscribe_url=url)


def test_a_resend_call_that_is_no_object_is_malformed():
    with pytest.raises(Malformed):
        parse(genuine("resend", []))


def test_keys_of_another_kind_prove_nothing():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    der = key.public_bytes(hook_calls.Encoding.DER, hook_calls.PublicFormat.SubjectPublicKeyInfo)
    secrets = replace(hook_calls.SECRETS, sendgrid=hook_calls.b64encode(der).decode(), resend="whsec_é")
    for provider in ("sendgrid", "resend"):
        with pytest.raises(Forged):
            parse(genuine(provider, {}), secrets=secrets)
    curve = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(Forged):
        parse(genuine("ses", {}), fetch=lambda _url: hook_calls.certificate(curve))


@pytest.mark.parametrize("value", ["", "x", "12 ", "-5", "٣", "1" * 13])
def test_a_moment_that_is_no_number_is_forged(value):
    with pytest.raises(Forged):
        webhook.check_age(value, hook_calls.NOW)


@pytest.mark.parametrize("value", ["A", "AB==", "AA=", "é", "AAAA\n"])
def test_base64_has_one_proper_spelling(value):
    with pytest.raises(Forged):
        webhook.decoded(value)


def test_a_moment_is_read_in_either_form():
    assert moment("1763888400") == moment("2025-11-23T09:00:00Z") == moment("2025-11-23T09:00:00")
    assert moment("yesterday") is moment("1e99") is None


def test_basic_logins_that_are_none_are_refused():
    for value in ("", "Basic", "Basic ====", "Basic " + "é", "Digest x"):
        with pytest.raises(Forged):
            check_password({"authorization": value, PATH_SECRET: ""}, "secret")
