"""Loading: every fault at once, each with its place; and what the rest of the program is given."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.cadence.due import Schedule
from digest.errors import ConfigurationError, Fault
from digest.model import Publication
from digest.settings.load import load
from digest.settings.schema import Settings
from digest.summarisers.budget import Limits
from digest.summarisers.chat import Endpoint

GOOD = """\
[publication]
name = "Plain Sentence"
site_url = "https://example.org/"
public_url = "https://news.example.org/letters/"

[mail]
from_address = "news@example.org"
operator_address = "mo@example.org"
"""
SECRETS = f'token_keys = {{ k1 = "{"a1" * 32}" }}\naddress_key = "{"b2" * 32}"\n'

Writer = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Writer:
    """Write the two files into the current folder, so that places read as an operator sees them."""
    monkeypatch.chdir(tmp_path)

    def _write(config: str = GOOD, secrets: str | None = SECRETS, mode: int = 0o600) -> Path:
        path = Path("digest.toml")
        path.write_text(config, encoding="utf-8")
        if secrets is not None:
            beside = Path("digest.secrets.toml")
            beside.write_text(secrets, encoding="utf-8")
            beside.chmod(mode)
        return path

    return _write


def faults(path: Path | None, **environ: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(path, environ)
    return [str(fault) for fault in caught.value.faults]


def places(path: Path | None, **environ: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(path, environ)
    return [fault.where for fault in caught.value.faults]


# --- What is right ---------------------------------------------------------------------------------


def test_the_publication_gets_its_defaults_from_what_was_given(write: Writer) -> None:
    assert load(write(), {}).publication_value() == Publication(
        name="Plain Sentence",
        site_url="https://example.org",
        public_url="https://news.example.org/letters",
        from_name="Plain Sentence",
        from_address="news@example.org",
        operator_address="mo@example.org",
        list_id="newsletter.example.org",
    )


def test_a_list_id_and_a_from_name_that_were_written_are_kept(write: Writer) -> None:
    config = write(GOOD + 'from_name = "Mo at Plain Sentence"\nlist_id = "letters.example.net"\n')
    publication = load(config, {}).publication_value()
    assert (publication.from_name, publication.list_id) == ("Mo at Plain Sentence", "letters.example.net")


def test_the_schedule_is_told_in_the_publications_zone(write: Writer) -> None:
    config = GOOD.replace("[mail]", 'zone = "Europe/London"\n[mail]')
    config += '[schedule]\ndaily = 06:30:00\nweekly = "Friday 17:05"\nmonthly = "28 9:00"\n'
    config += "fortnightly_from = 2026-02-01\nmax_late_hours = 6\n"
    assert load(write(config), {}).schedule_value() == Schedule(
        zone=ZoneInfo("Europe/London"),
        daily=time(6, 30),
        weekly=(4, time(17, 5)),
        fortnightly=(6, time(7, 0)),
        fortnightly_from=date(2026, 2, 1),
        monthly=(28, time(9, 0)),
        max_late=timedelta(hours=6),
    )


def test_the_last_token_key_signs_and_the_others_stay(write: Writer) -> None:
    secrets = SECRETS.replace("{ k1", f'{{ k2 = "{"c3" * 16}", k1').replace("k1 =", "k3 =")
    settings = load(write(secrets=secrets), {})
    assert settings.token_keys() == {"k2": b"\xc3" * 16, "k3": b"\xa1" * 32}
    assert settings.current_token_key() == "k3"
    assert settings.address_key() == b"\xb2" * 32
    assert settings.smtp_password() == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///digest.db", "sqlite:///{folder}/digest.db"),
        ("sqlite:////var/lib/digest.db", "sqlite:////var/lib/digest.db"),
        ("postgresql://mo:pw@db/news", "postgresql+psycopg://mo:pw@db/news"),
        ("postgres:///news", "postgresql+psycopg:///news"),
    ],
)
def test_the_database_url_suits_the_driver_and_the_folder(write: Writer, url: str, expected: str) -> None:
    config = write(f'{GOOD}[database]\nurl = "{url}"\n').absolute()
    assert load(config, {}).database_url() == expected.format(folder=config.parent)


def test_relative_folders_are_relative_to_the_configuration(write: Writer) -> None:
    config = write(GOOD + '[templates]\nfolder = "mine"\n').absolute()
    (config.parent / "mine").mkdir()
    settings = load(config, {})
    assert settings.template_folder() == config.parent / "mine"
    assert settings.path("/out") == Path("/out")


def test_a_template_folder_that_is_not_there_is_a_fault(write: Writer) -> None:
    (fault,) = faults(write(GOOD + '[templates]\nfolder = "mine"\n'))
    assert fault.startswith("digest.toml, line 10: the template folder ")
    assert fault.endswith("mine does not exist. Create it, or remove the setting.")


def test_without_a_folder_there_are_no_templates_of_ones_own(write: Writer) -> None:
    assert load(write(), {}).template_folder() is None


def test_the_environment_wins_over_the_file(write: Writer) -> None:
    environ = {
        "DIGEST_SMTP__PORT": "2525",
        "DIGEST_SMTP__HOST": "9",  # text stays text, whatever it looks like
        "DIGEST_FEEDS__ALLOW_PRIVATE": "true",
        "DIGEST_WEB__TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1",
        "DIGEST_SCHEDULE__DAILY": "08:15",
        "DIGEST_SECRETS__TOKEN_KEYS__K2": "d4" * 32,
        "DIGEST_SECRETS__SMTP_PASSWORD": "pw",
        "DIGEST_DEBUG": "1",
        "DIGEST_BUILD_NUMBER": "77",  # somebody else's
        "PATH": "/bin",
    }
    settings = load(write(GOOD + "[smtp]\nport = 25\n"), environ)
    assert (settings.smtp.port, settings.smtp.host, settings.feeds.allow_private) == (2525, "9", True)
    assert settings.web.trusted_proxies == ("10.0.0.0/8", "192.0.2.1/32")
    assert settings.schedule.daily == time(8, 15)
    assert list(settings.token_keys()) == ["k1", "k2"]
    assert settings.smtp_password() == "pw"


def test_the_environment_alone_is_enough() -> None:
    environ = {
        "DIGEST_PUBLICATION__NAME": "Plain Sentence",
        "DIGEST_PUBLICATION__SITE_URL": "https://example.org",
        "DIGEST_PUBLICATION__PUBLIC_URL": "https://news.example.org",
        "DIGEST_MAIL__FROM_ADDRESS": "news@example.org",
        "DIGEST_MAIL__OPERATOR_ADDRESS": "mo@example.org",
        "DIGEST_SECRETS__TOKEN_KEYS": f'{{ k1 = "{"a1" * 32}" }}',
        "DIGEST_SECRETS__ADDRESS_KEY": "b2" * 32,
    }
    assert load(None, environ).publication_value().name == "Plain Sentence"


def test_secrets_do_not_show_when_settings_are_printed(write: Writer) -> None:
    config = write(GOOD + '[database]\nurl = "postgresql://mo:hunter2@db/news"\n')
    shown = repr(load(config, {"DIGEST_SECRETS__SMTP_PASSWORD": "swordfish"}))
    assert not [secret for secret in ("hunter2", "swordfish", "a1a1", "b2b2") if secret in shown]


# --- What is wrong ---------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(write: Writer) -> None:
    config = write(
        '[publication]\nname = ""\nsite_url = "example.org"\nacent = "red"\n\n'
        '[mail]\nfrom_address = "news@example.org"\n[smtp]\nport = "587"\n[shcedule]\n',
        "address_key = 5\n",
    )
    assert places(config, DIGEST_SMTP__CONNECTIONS="0") == [
        "digest.secrets.toml",
        "digest.secrets.toml, line 1",
        "digest.toml, line 1",
        "digest.toml, line 2",
        "digest.toml, line 3",
        "digest.toml, line 4",
        "digest.toml, line 6",
        "digest.toml, line 9",
        "digest.toml, line 10",
        "environment variable DIGEST_SMTP__CONNECTIONS",
    ]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("[smtp]\nprot = 25", "there is no setting prot in [smtp]. Did you mean port?"),
        (
            "[smtp]\naccent = 2",
            "there is no setting accent in [smtp]. accent belongs below [publication].",
        ),
        ("[smtp]\nxyzzy = 2", "there is no setting xyzzy in [smtp]. Remove it; docs/configuration.md"),
        ("[smtp]\nport = 0", "smtp.port is out of range: “0”. Write at least 1."),
        ("[smtp]\nport = 65536", "smtp.port is out of range: “65536”. Write at most 65535."),
        ("[smtp]\nport = true", "smtp.port must be a whole number: “True”. Write such as port = 587 below"),
        ("[smtp]\nhost = 1", 'smtp.host must be text in quotes: “1”. Write such as host = "localhost"'),
        ('[smtp]\nsecurity = "ssl"', "smtp.security is none of its choices: “ssl”. Write 'starttls', 'tls'"),
        ('[feeds]\nallow_private = "no"', "feeds.allow_private must be true or false: “no”. Write such as"),
        (
            "[web]\ntrusted_proxies = 10",
            "web.trusted_proxies must be a list: “10”. Write such as trusted_proxies = [",
        ),
        ("[smtp]\nport = 465", "smtp.port 465 speaks TLS from its first byte. Write security = "),
        (
            '[llm]\nprovider = "ollama"',
            'llm.provider "ollama" needs a model. Write such as model = ',
        ),
        (
            '[llm]\nprovider = "anthropic"\nmodel = "m"',
            'llm.provider "anthropic" needs llm_key. Write llm_key = "…" in ',
        ),
        (
            "[llm]\nmax_cost_per_issue = -1.5",
            "llm.max_cost_per_issue is out of range: “-1.5”. Write at",
        ),
        ('[llm]\nprice_in = "3"', "llm.price_in must be a number: “3”. Write such as price_in = 0.0 below"),
        ('[smtp]\nusername = "mo"', "smtp.username needs a password. Write smtp_password = "),
    ],
)
def test_a_fault_says_what_to_write_instead(write: Writer, lines: str, told: str) -> None:
    (fault,) = faults(write(f"{GOOD}{lines}\n"))
    assert fault.startswith(f"digest.toml, line 10: {told}")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "max_cost_per_issue = 0.5",
            "llm.max_cost_per_issue means nothing without prices. Write",
        ),
        (
            'base_url = "http://models.example/v1"',
            "llm_key would cross the network in the clear. Write https://",
        ),
    ],
)
def test_a_model_s_settings_must_hold_together(write: Writer, lines: str, told: str) -> None:
    text = f'{GOOD}[llm]\nprovider = "openai"\nmodel = "m"\n{lines}\n'
    (fault,) = faults(write(text, secrets=f'{SECRETS}llm_key = "k"\n'))
    assert fault.startswith(f"digest.toml, line 12: {told}")


@pytest.mark.parametrize(
    ("lines", "asked_at"),
    [
        ('base_url = "http://192.168.1.5:11434/v1"', "http://192.168.1.5:11434/v1"),
        ("max_cost_per_issue = 1\nprice_out = 2.5", "http://localhost:11434/v1"),
    ],
)
def test_a_model_that_needs_no_key_is_used_without_one(write: Writer, lines: str, asked_at: str) -> None:
    text = f'{GOOD}[llm]\nprovider = "ollama"\nmodel = "m"\n{lines}\n'
    config = load(write(text), {}).llm.config("")
    assert config is not None
    assert (config.endpoint.base_url, config.endpoint.key) == (asked_at, "")


def test_a_model_is_asked_as_the_settings_say(write: Writer) -> None:
    text = f"""{GOOD}[llm]
provider = "anthropic"
model = "m"
languages = ["en-GB", "de"]
max_input_words = 100
leave_out = ["temperature"]
price_in = 3
"""
    settings = load(write(text, secrets=f'{SECRETS}llm_key = "k-1"\n'), {})
    config = settings.llm.config(settings.secret("llm_key"))
    assert config is not None
    assert config.endpoint == Endpoint(
        wire="anthropic",
        base_url="https://api.anthropic.com",
        model="m",
        key="k-1",
        leave_out=("temperature",),
    )
    assert (config.languages, config.max_words, config.timeout_s) == (("en", "de"), 100, 30.0)
    assert config.limits == Limits(tokens=200_000, cost=0.0, price_in=3.0, price_out=0.0, seconds=120.0)


def test_without_a_provider_there_is_no_model(write: Writer) -> None:
    assert load(write(), {}).language_model("Everypost/1", lambda: "m") is None


def test_an_unknown_section_is_told_once_with_the_nearest(write: Writer) -> None:
    (fault,) = faults(write(GOOD + "[smpt]\nport = 25\nhost = 'x'\n"))
    assert fault == "digest.toml, line 9: there is no section [smpt]. Did you mean [smtp]?"


def test_a_value_in_place_of_a_section_is_told_so(write: Writer) -> None:
    (fault,) = faults(write(f"web = 8025\n{GOOD}"))
    told = "web must be a section: “8025”. Write [web] on a line of its own, and its settings below."
    assert fault == f"digest.toml, line 1: {told}"


@pytest.mark.parametrize(
    ("section", "name", "value", "problem"),
    [
        ("publication", "zone", '"Europe/Lundon"', "is no time zone"),
        ("publication", "zone", '"Lundon"', "is no time zone"),
        ("publication", "zone", '"?"', "is no time zone"),
        ("publication", "language", '"english"', "is no language tag"),
        ("publication", "accent", '"teal"', "is no colour"),
        ("publication", "tagline", '"two\\nlines"', "holds a line break"),
        ("publication", "privacy_url", '"ftp://example.org/"', "is no web address"),
        ("publication", "privacy_url", '"https://[::1/"', "is no web address"),
        ("publication", "privacy_url", '"https://mo:pw@example.org/"', "holds a user name or password"),
        ("mail", "reply_to", '"Mo <mo@example.org>"', "is no mail address"),
        ("mail", "reply_to", '"mo@"', "is no mail address"),
        ("mail", "reply_to", "3", "must be text in quotes"),
        ("mail", "list_id", '"newsletter"', "is no list identifier"),
        ("schedule", "daily", '"24:00"', "is no time of day"),
        ("schedule", "daily", "7", "is no time of day"),
        ("schedule", "weekly", '"sunda 07:00"', "does not start with a weekday"),
        ("schedule", "weekly", '"07:00"', "does not start with a weekday"),
        ("schedule", "weekly", '"sunday"', "is no time of day"),
        ("schedule", "monthly", '"31 07:00"', "does not start with a day from 1 to 28"),
        ("schedule", "fortnightly_from", '"4 January"', "is no date"),
        ("schedule", "fortnightly_from", "4", "is no date"),
        ("web", "trusted_proxies", '["10.0.0.1/8"]', "holds no IP address or network"),
        ("database", "url", '"mysql://mo@db/news"', "is no address of a database"),
        ("database", "url", '"sqlite://"', "is no address of a database"),
    ],
)
def test_row_88_a_value_that_cannot_be_meant_is_refused(
    write: Writer, section: str, name: str, value: str, problem: str
) -> None:
    header, line = f"[{section}]\n", f"{name} = {value}\n"
    text = GOOD if header in GOOD else GOOD + header
    config = write(text.replace(header, header + line))
    (told,) = faults(config)
    assert f": {section}.{name} {problem}" in told


@pytest.mark.parametrize(
    ("value", "told"),
    [("https://x.org/?a", "ends in a query"), ("x.org", "is no web address"), ("", "is empty")],
)
def test_a_base_address_must_take_a_path(write: Writer, value: str, told: str) -> None:
    (fault,) = faults(write(GOOD.replace("https://example.org/", value)))
    assert f"publication.site_url {told}" in fault


def test_a_required_address_cannot_be_empty(write: Writer) -> None:
    (fault,) = faults(write(GOOD.replace("mo@example.org", "")))
    assert fault.startswith("digest.toml, line 8: mail.operator_address is empty")


@pytest.mark.parametrize(
    ("secrets", "told"),
    [
        ('token_keys = {}\naddress_key = "KEY"', "line 1: token_keys is empty"),
        ('token_keys = { K-1 = "KEY" }\naddress_key = "KEY"', "line 1: token_keys names a key “K-1”"),
        ('token_keys = { k1 = "abc" }\naddress_key = "KEY"', "line 1: token_keys is no key"),
        ('token_keys = "KEY"\naddress_key = "KEY"', "line 1: token_keys must be a table. Write such as"),
        ('token_keys = { k1 = "KEY" }\naddress_key = "feed"', "line 2: address_key is no key"),
        ('token_keys = { k1 = "KEY" }\naddress_key = 77', "line 2: address_key must be text in quotes."),
        ('token_keys = { k1 = "KEY" }', ": address_key is missing"),
        (
            'token_keys = { k1 = "KEY" }\naddress_key = "KEY"\nsmtp_pasword = "KEY"',
            "line 3: there is no setting",
        ),
    ],
)
def test_secrets_are_checked_and_never_repeated(write: Writer, secrets: str, told: str) -> None:
    key = "5ec2e7" * 6
    (fault,) = faults(write(secrets=secrets.replace("KEY", key)))
    assert fault.startswith("digest.secrets.toml")
    assert told in fault
    assert key not in fault


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_a_secrets_file_open_to_everybody_is_refused(write: Writer) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(write(mode=0o644), {})
    assert caught.value.faults == (
        Fault(
            where="digest.secrets.toml",
            problem="everybody on this machine can open it",
            mend="Run: chmod 600 digest.secrets.toml.",
        ),
    )


def test_secrets_in_the_configuration_file_are_refused(write: Writer) -> None:
    config = write(GOOD + f'[secrets.token_keys]\nk1 = "{"a1" * 32}"\n')
    (fault,) = faults(config)
    assert fault.startswith("digest.toml, line 9: secrets do not belong here. Move them to digest.secrets")


def test_a_missing_secrets_file_is_named(write: Writer) -> None:
    assert places(write(secrets=None)) == ["digest.secrets.toml"] * 2


def test_a_missing_configuration_is_one_fault() -> None:
    (fault,) = faults(Path("nowhere/digest.toml"))
    assert fault.startswith("nowhere/digest.toml: there is no such file. Make one with `digest init`")


def test_broken_toml_is_told_with_its_line_and_nothing_is_guessed(write: Writer) -> None:
    config = write("[publication]\nname = Plain Sentence\n", 'address_key = "open\n')
    told = faults(config)
    assert [fault.partition(":")[0] for fault in told] == [
        "digest.secrets.toml, line 1",
        "digest.toml, line 2",
    ]
    assert "this is not TOML: invalid value" in told[1]


def test_a_document_that_ends_too_early_is_told_so(write: Writer) -> None:
    (told,) = faults(write('[publication]\nname = """'))
    assert told.startswith("digest.toml, at its end: this is not TOML")


def test_a_file_that_is_no_text_is_told_so(write: Writer) -> None:
    config = write()
    config.write_bytes(b'name = "\xff"')
    assert faults(config) == ["digest.toml: is not UTF-8 text. Save it as UTF-8."]


def test_a_folder_in_place_of_the_file_is_told_so(tmp_path: Path) -> None:
    (told,) = faults(tmp_path)
    assert "cannot be read: Is a directory" in told


def test_a_variable_close_to_a_setting_is_taken_for_a_mistake(write: Writer) -> None:
    assert faults(write(), DIGEST_SMTP_PORT="25") == [
        "environment variable DIGEST_SMTP_PORT: this names no setting. Did you mean DIGEST_SMTP__PORT?"
    ]


@pytest.mark.parametrize("variable", ["DIGEST_SMTP__PROT", "DIGEST_SMPT__PORT", "DIGEST_SMTP__PORT__X"])
def test_a_variable_of_the_right_form_must_name_a_setting(write: Writer, variable: str) -> None:
    assert places(write(), **{variable: "25"}) == [f"environment variable {variable}"]


def test_a_number_in_the_environment_must_be_one(write: Writer) -> None:
    (told,) = faults(write(), DIGEST_SMTP__PORT="smtp")
    assert told.startswith("environment variable DIGEST_SMTP__PORT: smtp.port must be a whole number")


def test_files_need_a_folder(write: Writer) -> None:
    (told,) = faults(write(GOOD + 'backend = "file"\n'))
    assert told.startswith('digest.toml, line 9: mail.backend "file" needs a folder')


def test_a_password_never_crosses_the_network_in_the_clear(write: Writer) -> None:
    config = write(GOOD + '[smtp]\nhost = "mail.example.org"\nsecurity = "none"\nusername = "mo"\n')
    (told,) = faults(config, DIGEST_SECRETS__SMTP_PASSWORD="pw")
    assert told.startswith("digest.toml, line 12: the password would cross the network in the clear")


def test_a_login_on_this_machine_needs_no_encryption(write: Writer) -> None:
    config = write(GOOD + '[smtp]\nsecurity = "none"\nusername = "mo"\n')
    settings = load(config, {"DIGEST_SECRETS__SMTP_PASSWORD": "pw"})
    assert isinstance(settings, Settings)
