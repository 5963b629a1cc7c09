"""Forged calls of providers: for each, more than 500 variants of a genuine one, and none counts."""

import json
import random
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from digest.delivery.events import EventKind
from digest.pipeline.webhooks import Answer, Webhooks
from digest.providers.webhook import PATH_SECRET, Forged, HookSecrets, Malformed
from subscribers.model import Status
from tests import hook_calls
from tests.hook_calls import (
    CERTIFICATE_URL,
    NOW,
    PASSWORD,
    PROVIDERS,
    SECRETS,
    TOPIC,
    Call,
    a_complaint,
    genuine,
    parse,
)
from tests.installation import Clock, installation
from tests.ledgers import a_reader, an_issue, claim, commit, rows

VARIANTS = 600
BY_PASSWORD = ["brevo", "mailjet", "postmark", "sparkpost"]


def a_call(provider, *, stamp=hook_calls.STAMP, **said):
    return genuine(provider, a_complaint(provider, **said), stamp=stamp)


def counts(call, **how):
    """Return whether anything in a call would count."""
    try:
        return bool(parse(call, **how))
    except (Forged, Malformed):
        return False


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_genuine_call_counts(provider):
    """Without this, every test below could pass for the wrong reason."""
    (event,) = parse(a_call(provider))
    assert (event.kind, event.address, event.reference) == (
        EventKind.COMPLAINED,
        "ann@reader.example",
        "d17-0123456789ab",
    )


def test_a_password_in_the_address_counts_too():
    call = a_call("postmark")
    assert parse(replace(call, headers={PATH_SECRET: PASSWORD}))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_a_secret_nothing_counts(provider):
    assert not counts(a_call(provider), secrets=HookSecrets())


# --- Changed a little, 600 times -------------------------------------------------------------------


def changed(value: str, dice: random.Random) -> str:
    """Return the text with one thing changed, somewhere."""
    place = dice.randrange(len(value) + 1)
    how = dice.randrange(4)
    other = dice.choice('0123456789abcdefXYZ+/=.,: \\"-_é')
    if how == 0:
        return value[:place] + other + value[place:]
    if how == 1:
        return value[:place] + value[place + 1 :]
    if how == 2:
        return value[:place] + other + value[place + 1 :]
    return value[:place] + value[place:].swapcase()


def different(value: str, dice: random.Random) -> str:
    while (found := changed(value, dice)) == value:
        pass
    return found


def forged_password(dice):
    wrong = different(PASSWORD, dice)
    basic = b64encode(f"any:{wrong}".encode()).decode()
    good = b64encode(f"any:{PASSWORD}".encode()).decode()
    return dice.choice(
        [
            {PATH_SECRET: wrong},
            {"authorization": f"Basic {basic}"},
            {"authorization": f"Bearer {good}"},
            {"authorization": PASSWORD},
            {"authorization": f"Basic {different(good, dice)}!"},
            {"authorization": "Basic " + b64encode(f"{PASSWORD}:".encode()).decode()},
            {"path-secret": PASSWORD},
            {},
        ]
    )


@pytest.mark.parametrize("provider", BY_PASSWORD)
def test_no_wrong_password_counts(provider):
    dice = random.Random(provider)
    call = a_call(provider)
    forged = [replace(call, headers=forged_password(dice)) for _ in range(VARIANTS)]
    assert [one.headers for one in forged if counts(one)] == []


@pytest.mark.parametrize("provider", ["sendgrid", "resend"])
def test_no_changed_body_header_or_moment_counts(provider):
    dice = random.Random(provider)
    call = a_call(provider)
    accepted = []
    for _ in range(VARIANTS):
        name = dice.choice([*call.headers, "body"])
        if name == "body":
            one = call.with_body(different(call.body.decode(), dice).encode())
        elif name == "svix-signature":
            # The genuine one must be touched: a second signature beside it may be anything.
            last = call.headers[name].split(" ")[-1]
            one = call.with_header(name, different(last, dice).replace(" ", "."))
        else:
            one = call.with_header(name, different(call.headers[name], dice))
        if counts(one):
            accepted.append(one)
    assert accepted == []


@pytest.mark.parametrize("name", ["timestamp", "token", "signature"])
def test_no_changed_signature_of_mailgun_counts(name):
    dice = random.Random(name)
    call = a_call("mailgun")
    accepted = []
    for _ in range(VARIANTS):
        whole = json.loads(call.body)
        whole["signature"][name] = different(whole["signature"][name], dice)
        if counts(call.with_body(json.dumps(whole).encode())):
            accepted.append(whole["signature"])
    assert accepted == []


def test_a_digit_that_moves_between_mailguns_moment_and_token_does_not_make_it_another_token():
    call = a_call("mailgun")
    whole = json.loads(call.body)
    stamp, token = whole["signature"]["timestamp"], whole["signature"]["token"]
    for moved in range(1, len(stamp)):
        whole["signature"] |= {"timestamp": stamp[:-moved], "token": stamp[-moved:] + token}
        assert not counts(call.with_body(json.dumps(whole).encode()))


SIGNED = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type", "Signature", "SignatureVersion"]


def test_no_changed_field_of_a_message_of_sns_counts():
    dice = random.Random(7)
    call = a_call("ses")
    accepted = []
    for _ in range(VARIANTS):
        fields = json.loads(call.body)
        name = dice.choice(SIGNED)
        if dice.random() < 0.1:
            del fields[name]
        else:
            fields[name] = different(fields[name], dice)
        if counts(call.with_body(json.dumps(fields).encode())):
            accepted.append(name)
    assert accepted == []


# --- Other keys, other topics, other hosts ---------------------------------------------------------


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_call_that_is_good_under_another_key_does_not_count(provider):
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    der = other.public_bytes(hook_calls.Encoding.DER, hook_calls.PublicFormat.SubjectPublicKeyInfo)
    secrets = HookSecrets(
        **dict.fromkeys(["postmark", "brevo", "sparkpost", "mailjet", "mailgun"], "another-key-of-128-bits"),
        sendgrid=b64encode(der).decode(),
        resend="whsec_" + b64encode(b"t" * 24).decode(),
        ses=(TOPIC,),
    )
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert not counts(a_call(provider), secrets=secrets, fetch=lambda _url: hook_calls.certificate(key))


def test_a_message_of_somebody_elses_topic_does_not_count_and_nothing_is_fetched_for_it():
    """Anybody can have a topic, and Amazon signs for it as it does for ours."""
    fields = json.loads(a_call("ses").body) | {"TopicArn": TOPIC.replace("123456789012", "999999999999")}
    del fields["Signature"]
    call = hook_calls.sns({name: fields[name] for name in SIGNED if name in fields and "Sign" not in name})

    def fetch(_url):
        raise AssertionError("asked for a stranger's certificate")

    assert not counts(call, fetch=fetch)


@pytest.mark.parametrize(
    "url",
    [
        CERTIFICATE_URL.replace("https", "http"),
        CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
        CERTIFICATE_URL.replace("sns.", "sns-"),
        CERTIFICATE_URL.replace("sns.eu-west-1", "s3.eu-west-1"),
        CERTIFICATE_URL.replace("sns.", "evil@sns."),
        CERTIFICATE_URL.replace("//sns", "//evil.example#sns"),
        CERTIFICATE_URL.replace("//sns", "//evil.example\\@sns"),
        CERTIFICATE_URL.replace(".com/", ".com:8443/"),
        CERTIFICATE_URL.replace(".com/", ".com:99999/"),
        CERTIFICATE_URL.replace(".pem", ".pem/../x"),
        CERTIFICATE_URL + "?x=1",
        CERTIFICATE_URL + "\n",
        "https://127.0.0.1/SimpleNotificationService-" + "a" * 32 + ".pem",
        "",
    ],
)
def test_a_certificate_from_any_other_place_is_not_fetched(url):
    fields = json.loads(a_call("ses").body) | {"SigningCertURL": url}

    def fetch(_url):
        raise AssertionError("fetched")

    assert not counts(Call(provider="ses", headers={}, body=json.dumps(fields).encode()), fetch=fetch)


def test_a_certificate_that_is_out_of_date_proves_nothing():
    assert not counts(a_call("ses"), fetch=lambda _url: hook_calls.certificate(days=-1))
    assert not counts(a_call("ses"), fetch=lambda _url: b"no certificate")


@pytest.mark.parametrize(
    "url", ["https://evil.example/?Action=ConfirmSubscription", "http://sns.eu-west-1.amazonaws.com/"]
)
def test_a_subscription_is_confirmed_at_amazons_own_address_only(url):
    fields = {
        "Type": "SubscriptionConfirmation",
        "MessageId": "1",
        "TopicArn": TOPIC,
        "Message": "Say yes.",
        "Token": "t",
        "Timestamp": "2026-11-23T09:00:00Z",
        "SubscribeURL": url,
    }
    with pytest.raises(Forged, match="not Amazon's"):
        parse(hook_calls.sns(fields))


# --- Replays ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("provider", "late"), [("sendgrid", 6), ("resend", 6), ("mailgun", 600)])
def test_an_old_call_does_not_count(provider, late):
    call = a_call(provider)
    assert not counts(call, now=NOW + timedelta(minutes=late))
    assert not counts(call, now=NOW - timedelta(minutes=late))


@pytest.fixture
def site(tmp_path):
    """An installation with a mail that was handed over by each provider's name."""
    with installation(tmp_path, clock=Clock(NOW)) as app:
        yield app


def a_mail(app):
    """Return a reader, and our name for a mail to them."""
    from digest.rendering.personalise import proof_of, seed_of  # noqa: PLC0415

    reader = a_reader(app)
    issue = an_issue(app, [reader])
    (held,) = claim(app)
    commit(app, held)
    return reader, f"d{held.id}-{proof_of(seed_of(app.publication.list_id, issue.name), reader.public_id)}"


class NoNetwork:
    def __init__(self):
        raise AssertionError("something was fetched")


def hooks(app):
    made = Webhooks(app.tools, SECRETS, client=NoNetwork)
    made._memory.certificates[CERTIFICATE_URL] = hook_calls.CERTIFICATE
    return made


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_genuine_call_is_obeyed_once_and_its_replay_changes_nothing(site, provider):
    reader, reference = a_mail(site)
    call = a_call(provider, address=reader.email, reference=reference)
    made = hooks(site)
    assert made.receive(provider, call.headers, call.body) is Answer.DONE
    assert site.readers.find(reader.email).status is Status.COMPLAINED
    before = rows(site)
    assert made.receive(provider, call.headers, call.body) is Answer.DONE
    assert hooks(site).receive(provider, call.headers, call.body) is Answer.DONE, "another process"
    assert rows(site) == before


@pytest.mark.parametrize("first", ["known", "unmatched"])
def test_a_caught_signature_of_mailgun_is_worth_nothing_with_another_body(site, first):
    """Mailgun signs a moment and a token, and not what it says."""
    victim, reference = a_mail(site)
    other, other_reference = a_mail(site)
    caught = a_call(
        "mailgun", address=other.email, reference=other_reference if first == "known" else "d9-" + "0" * 12
    )
    made = hooks(site)
    assert made.receive("mailgun", {}, caught.body) is Answer.DONE
    dice = random.Random(first)
    for _ in range(VARIANTS):
        whole = json.loads(caught.body)
        whole["event-data"] = a_complaint("mailgun", address=victim.email, reference=reference) | {
            "event": dice.choice(["complained", "failed", "unsubscribed"]),
            "severity": "permanent",
            "reason": "bounce",
        }
        assert made.receive("mailgun", {}, json.dumps(whole).encode()) is Answer.DONE
    assert site.readers.find(victim.email).status is Status.CONFIRMED


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_genuine_call_about_somebody_elses_mail_changes_nobody(site, provider):
    reader, reference = a_mail(site)
    for address, name in ((reader.email, "d1-000000000000"), ("other@reader.example", reference)):
        call = a_call(provider, address=address, reference=name)
        assert hooks(site).receive(provider, call.headers, call.body) is Answer.DONE
    assert site.readers.find(reader.email).status is Status.CONFIRMED


@pytest.mark.parametrize("provider", PROVIDERS)
def test_forged_calls_change_no_row_at_all(site, provider):
    reader, reference = a_mail(site)
    call = a_call(provider, address=reader.email, reference=reference)
    forged = (
        call.with_body(call.body.replace(b'"signature"', b'"signatur"')) if provider == "mailgun" else call
    )
    forged = replace(forged, headers={})
    if provider == "ses":
        forged = forged.with_body(call.body.replace(b'"SignatureVersion": "2"', b'"SignatureVersion": "1"'))
    before = rows(site)
    assert hooks(site).receive(provider, forged.headers, forged.body) is Answer.FORGED
    assert rows(site) == before
    assert site.readers.find(reader.email).status is Status.CONFIRMED
