"""Calls of providers over HTTP: what each is answered, and what it leaves behind."""

from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection

import pytest

from digest.errors import ConfigurationError, DatabaseBusy
from digest.net.client import Client, Limits
from digest.pipeline import hearing
from digest.pipeline.webhooks import Answer, Webhooks
from digest.providers import ses_events
from digest.settings.hook_secrets import MIN_SECRET_CHARS
from subscribers.model import Cadence, Status
from tests import hook_calls
from tests.hook_calls import NOW, PASSWORD, PROVIDERS, SECRETS, TOPIC, a_complaint, genuine, sns
from tests.installation import Clock, a_post, installation, join, mails, publish
from tests.servers import FeedServer
from tests.web_server import serving

ANN = "ann@reader.example"
KEYS = {f"{name}_hook": getattr(SECRETS, name) for name in PROVIDERS if name != "ses"}


@pytest.fixture
def app(tmp_path):
    """An installation that hears every provider, with one reader who was sent one issue."""
    sections = {"secrets": KEYS, "ses": {"topics": [TOPIC]}}
    with installation(tmp_path, clock=Clock(NOW), **sections) as app:
        join(app, ANN, Cadence.EVERY_POST)
        publish(app, a_post("One"))
        app.run()
        app.webhooks._memory.certificates[hook_calls.CERTIFICATE_URL] = hook_calls.CERTIFICATE
        yield app


def reference(app):
    (mail,) = mails(app, to=ANN, issues_only=True)
    return str(mail["Message-ID"]).strip("<>").partition("@")[0].replace(".", "-")


def post(app, path, call, *, body=None):
    """Return the status of a call's answer, and its body."""
    with serving(app) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("POST", path, body=call.body if body is None else body, headers=dict(call.headers))
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
    return found


def complaint(app, provider):
    return genuine(provider, a_complaint(provider, address=ANN, reference=reference(app)))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_genuine_call_is_obeyed_before_it_is_answered(app, provider):
    assert post(app, f"/hooks/{provider}", complaint(app, provider)) == (204, b"")
    assert app.readers.find(ANN).status is Status.COMPLAINED


def test_the_password_may_stand_in_the_address(app):
    call = replace(complaint(app, "postmark"), headers={})
    assert post(app, f"/hooks/postmark/{PASSWORD}", call)[0] == 204
    assert app.readers.find(ANN).status is Status.COMPLAINED


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_without_a_secret_has_no_address(tmp_path, provider):
    with installation(tmp_path, clock=Clock(NOW)) as app:
        assert post(app, f"/hooks/{provider}", genuine(provider, {}))[0] == 404


def test_no_other_name_has_an_address(app):
    for name in ("nobody", "__class__", "parse", "ses/x/y"):
        assert post(app, f"/hooks/{name}", genuine("postmark", {}))[0] == 404


def test_forged_and_malformed_calls_are_told_apart(app):
    call = complaint(app, "postmark")
    assert post(app, "/hooks/postmark", replace(call, headers={}))[0] == 403
    assert post(app, "/hooks/postmark", call, body=b"no json")[0] == 400
    assert post(app, "/hooks/postmark", call, body=b"x" * (1024 * 1024 + 1))[0] == 413
    assert app.readers.find(ANN).status is Status.CONFIRMED


def test_a_get_is_answered_like_any_wrong_method(app):
    with serving(app) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", "/hooks/postmark")
        assert connection.getresponse().status == 405
        connection.close()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_while_the_database_is_out_the_provider_is_asked_to_try_again(app, provider):
    class Out:
        @contextmanager
        def transaction(self):
            raise DatabaseBusy("out")
            yield

    app.webhooks._tools = replace(app.tools, db=Out())
    call = complaint(app, provider)  # sent again as it was, with the same token
    assert post(app, f"/hooks/{provider}", call)[0] == 503
    app.webhooks._tools = app.tools
    assert post(app, f"/hooks/{provider}", call)[0] == 204
    assert app.readers.find(ANN).status is Status.COMPLAINED


def test_a_call_that_fails_for_any_other_reason_is_obeyed_when_it_comes_again(app, monkeypatch):
    """Mailgun signs a token once: what was remembered of a call that was never written down would lose it."""
    call = complaint(app, "mailgun")
    with monkeypatch.context() as broken:
        broken.setattr(hearing, "hear", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            app.webhooks.receive("mailgun", call.headers, call.body)
    assert app.webhooks.receive("mailgun", call.headers, call.body) is Answer.DONE
    assert app.readers.find(ANN).status is Status.COMPLAINED


def test_our_own_topic_is_confirmed_by_one_request(app, monkeypatch):
    """Amazon's hosts are out of reach here: a server of our own stands in for the one address."""
    with FeedServer() as amazon:
        amazon.route("/", "confirmed")
        monkeypatch.setattr(
            ses_events, "_is_amazons", lambda url: url.startswith(amazon.url) or ".amazonaws.com/" in url
        )
        made = Webhooks(app.tools, SECRETS, client=lambda: Client(Limits(allow_private=True), "test"))
        made._memory.certificates[hook_calls.CERTIFICATE_URL] = hook_calls.CERTIFICATE
        call = sns(
            {
                "Type": "SubscriptionConfirmation",
                "MessageId": "1",
                "TopicArn": TOPIC,
                "Message": "Say yes.",
                "Token": "t",
                "Timestamp": "2026-11-23T09:00:00Z",
                "SubscribeURL": f"{amazon.url}/",
            }
        )
        assert made.receive("ses", call.headers, call.body).value == "done"
        assert len(amazon.asked) == 1


def test_a_weak_secret_is_refused_at_once(tmp_path):
    weak = {"postmark_hook": "x" * (MIN_SECRET_CHARS - 1)}
    with (
        pytest.raises(ConfigurationError, match="postmark_hook"),
        installation(tmp_path, clock=Clock(NOW), secrets=weak),
    ):
        pass
