"""An installation that sends through a provider: from its settings to the provider's door."""

from __future__ import annotations

import importlib.util

import pytest

from digest.errors import ConfigurationError
from digest.settings.load import check
from digest.settings.sources import Sources
from subscribers.model import Cadence
from tests.installation import Clock, a_post, installation, join, publish
from tests.newsroom import newsroom
from tests.provider_backends import KINDS
from tests.provider_servers import DOMAIN, KEY, SECRET, provider

SECRETS = {
    "resend": {"resend_key": KEY},
    "brevo": {"brevo_key": KEY},
    "postmark": {"postmark_token": KEY},
    "mailgun": {"mailgun_key": KEY},
    "sendgrid": {"sendgrid_key": KEY},
    "sparkpost": {"sparkpost_key": KEY},
    "mailjet": {"mailjet_key": KEY, "mailjet_secret": SECRET},
    "ses": {"ses_access_key_id": KEY, "ses_secret_access_key": SECRET},
    "anymail:postmark": {"anymail_secrets": {"server_token": KEY}},
}


def sections(name, url):
    section = {"base_url": url}
    if name == "mailgun":
        section["domain"] = DOMAIN
    if name == "ses":
        section["region"] = "eu-west-1"
    if name.startswith("anymail"):
        return {"anymail": {"options": {"api_url": f"{url}/"}}}
    return {name: section}


@pytest.mark.parametrize("name", KINDS)
def test_an_issue_goes_out_through_the_provider_the_settings_name(name, tmp_path):
    with provider(KINDS[name].desk()) as far:
        changes = {"mail": {"backend": name}, "secrets": SECRETS[name]} | sections(name, far.url)
        with installation(tmp_path, clock=Clock(), **changes) as app:
            ann = join(app, "ann@reader.example", Cadence.EVERY_POST)
            app.run()
            publish(app, a_post("One"))
            report = app.run()
            assert not report.trouble
            assert app.check_backends() == [(name, "")]
    subjects = [mail.subject for mail in far.desk.mails if mail.to[1] == ann.email]
    assert "One" in subjects
    assert all(one.headers.get("list-unsubscribe") for one in far.desk.mails if one.subject == "One")


def faults(**changes):
    values = {
        "publication": {"name": "N", "site_url": "https://a.example", "public_url": "https://n.a.example"},
        "mail": {"from_address": "n@a.example", "operator_address": "o@a.example"},
        "secrets": {"token_keys": {"k1": "11" * 32}, "address_key": "22" * 32},
    }
    for section, more in changes.items():
        values[section] = values.get(section, {}) | more
    with pytest.raises(ConfigurationError) as caught:
        check(Sources(values=values))
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"mail": {"backend": "resnd"}}, 'Did you mean "resend"?'),
        ({"mail": {"backend": "pigeon"}}, '"anymail:" and a name'),
        ({"mail": {"backend": "resend"}}, 'mail.backend "resend" needs resend_key'),
        ({"mail": {"backend": "mailgun"}, "secrets": {"mailgun_key": "k"}}, "needs domain"),
        ({"mail": {"backend": "mailjet"}, "secrets": {"mailjet_key": "k"}}, "needs mailjet_secret"),
        ({"mail": {"fallback": "brevo"}}, 'mail.fallback "brevo" needs brevo_key'),
        ({"mail": {"fallback": "smtp"}}, "the same as mail.backend"),
        ({"mail": {"backend": "ses"}, "secrets": {"ses_access_key_id": "k"}}, "go together"),
        ({"resend": {"base_url": "http://api.resend.example"}}, "would show the key"),
        ({"resend": {"base_url": ""}}, "is empty"),
    ],
)
def test_what_a_provider_needs_is_told_before_anything_is_sent(changes, told):
    assert told in faults(**changes)


@pytest.mark.parametrize(("name", "extra"), [("ses", "ses"), ("anymail:mailtrap", "providers")])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(name, extra, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda module: None)
    monkeypatch.setattr("digest.settings.backends.find_spec", lambda module: None)
    with pytest.raises(ConfigurationError, match=rf'pip install "everypost\[{extra}\]"'):
        installation(tmp_path, clock=Clock(), mail={"backend": name})


def test_a_name_that_anymail_does_not_know_is_told(tmp_path):
    with (
        installation(tmp_path, clock=Clock(), mail={"backend": "anymail:pigeon"}) as app,
        pytest.raises(ConfigurationError, match="no provider “pigeon”"),
    ):
        app.check_backends()


def test_digest_provider_check_tells_who_takes_our_mail(tmp_path):
    """The mail server is logged in to, the provider is asked; the wrong key is not repeated."""
    with provider(KINDS["resend"].desk()) as far, newsroom(tmp_path) as room:
        mail = room.config.read_text().replace("[mail]\n", '[mail]\nfallback = "resend"\n')
        room.config.write_text(mail + f'\n[resend]\nbase_url = "{far.url}"\n')
        done = room.digest("provider", "check", DIGEST_SECRETS__RESEND_KEY=KEY)
        assert (done.returncode, done.stdout) == (0, "smtp: takes our mail\nresend: takes our mail\n")
        done = room.digest("provider", "check", "--json", DIGEST_SECRETS__RESEND_KEY="planted-wrong-key")
        assert done.returncode == 1
        assert "Resend answers 403" in done.stdout
        assert "planted-wrong-key" not in done.stdout + done.stderr
        assert far.calls == []
