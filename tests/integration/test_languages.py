"""Each reader is spoken to in their own language, in every mail and on every page that knows them."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.app import App
from digest.store import issues
from digest.template_files import hash_of_mails
from subscribers.model import Cadence, Subscriber
from subscribers.tokens import Purpose
from tests.catalogues import languages
from tests.installation import Clock, a_post, installation, mails, publish
from tests.web_server import a_site, person_of, proof, serving

ANN, BEA, CEM, DEE = (f"{name}@reader.example" for name in ("ann", "bea", "cem", "dee"))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with installation(tmp_path, clock=Clock()) as app:
        yield app


def join(app: App, email: str, language: str, cadence: Cadence = Cadence.WEEKLY) -> Subscriber:
    app.readers.subscribe(email=email, cadence=cadence, language=language, shown="We promise.")
    return app.readers.confirm(app.readers.link(Purpose.CONFIRM, app.readers.find(email)))


def on_sunday(app: App) -> None:
    assert isinstance(app.clock, Clock)
    app.clock.pass_time(days=5, hours=23)  # to Sunday morning
    app.run()


def issue_to(app: App, email: str) -> EmailMessage:
    [mail] = mails(app, to=email, issues_only=True)
    return mail


def words_of(mail: EmailMessage) -> str:
    """Return the text part on one line."""
    part = mail.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def test_an_issue_speaks_each_readers_language(app: App) -> None:
    join(app, ANN, "fr")
    join(app, BEA, "")
    join(app, CEM, "ar")
    publish(app, a_post("One"), a_post("Two"), a_post("Three"))
    on_sunday(app)
    french, english, arabic = issue_to(app, ANN), issue_to(app, BEA), issue_to(app, CEM)
    assert [mail["Content-Language"] for mail in (french, english, arabic)] == ["fr", "en", "ar"]
    assert french["Subject"] == "Three. Et 2 autres articles"
    assert english["Subject"] == "Three. Plus 2 more"
    assert arabic["Subject"] == "Three. ومقالان آخران"
    assert (
        "---- Vous recevez le récapitulatif hebdomadaire. Prochain numéro : 6 décembre. Changer"
        in words_of(french)
    )
    assert "---- You get the weekly digest. Next issue: 6 December. Change" in words_of(english)
    assert "Plain Sentence le 23 novembre 2026." in words_of(french)
    html = arabic.get_body(("html",))
    assert html is not None
    assert '<html lang="ar" dir="rtl"' in html.get_content()


def test_readers_of_one_language_share_a_segment_and_an_unknown_one_shares_the_publications(app: App) -> None:
    for email, language in ((ANN, "fr"), (BEA, "fr"), (CEM, ""), (DEE, "nl")):
        join(app, email, language)
    publish(app, a_post("One"))
    on_sunday(app)
    assert {issue_to(app, email)["Content-Language"] for email in (ANN, BEA)} == {"fr"}
    assert {issue_to(app, email)["Content-Language"] for email in (CEM, DEE)} == {"en"}
    with app.database.read() as conn:
        [issue] = [one for one in issues.newest(conn, 10) if one.kind.cadence is Cadence.WEEKLY]
        count = conn.exec_driver_sql(f"SELECT count(*) FROM segment WHERE issue_id = {issue.id}").scalar()
    assert count == 2


def test_notices_speak_it_too_and_alerts_are_english(tmp_path: Path) -> None:
    with installation(tmp_path, clock=Clock(), publication={"language": "de"}) as app:
        app.readers.subscribe(email=ANN, language="es", shown="We promise.")
        app.readers.subscribe(email=BEA, shown="We promise.")
        app.run()
        [spanish] = mails(app, to=ANN)
        assert spanish["Subject"] == "Confirme su suscripción a Plain Sentence"
        [german] = mails(app, to=BEA)
        assert german["Subject"] == "Bestätigen Sie Ihr Abonnement von Plain Sentence"
        assert "Sie möchten den Wochenüberblick von Plain Sentence erhalten." in words_of(german)
        app.readers.confirm(app.readers.link(Purpose.CONFIRM, app.readers.find(ANN)))
        app.run()
        assert mails(app, to=ANN)[-1]["Subject"] == "Su suscripción a Plain Sentence está confirmada"
        publish(app, a_post("Eins"))
        app.tools.templates["email/digest/body.html"] = "{{ nonsense }}"  # type: ignore[index]
        on_sunday(app)
        [alert] = mails(app, to=app.publication.operator_address)[-1:]
        assert alert["Content-Language"] == "en"
        assert "Readers never see it." in words_of(alert)


def test_a_publication_in_a_language_we_lack_speaks_english_throughout(tmp_path: Path) -> None:
    with installation(tmp_path, clock=Clock(), publication={"language": "nl"}) as app:
        join(app, ANN, "")
        publish(app, a_post("Een"), a_post("Twee"))
        on_sunday(app)
        assert issue_to(app, ANN)["Content-Language"] == "en"
        assert "November 2026" in words_of(issue_to(app, ANN))


def test_a_resend_speaks_each_readers_language(app: App) -> None:
    join(app, ANN, "pt", Cadence.EVERY_POST)
    join(app, BEA, "", Cadence.EVERY_POST)
    publish(app, a_post("One"))
    app.run()
    [post] = app.editors.posts(state=None, feed="", limit=1)
    app.editors.resend(post.id, cadence=None)
    app.run()
    assert mails(app, to=ANN, issues_only=True)[-1]["Subject"] == "Atualizado: One"
    assert mails(app, to=BEA, issues_only=True)[-1]["Subject"] == "Updated: One"


def test_an_approval_notices_that_words_have_changed(app: App) -> None:
    changed = {**app.tools.templates, "locale/fr.po": app.tools.templates["locale/fr.po"] + "\n"}
    assert hash_of_mails(changed) != app.tools.templates_hash


# --- Pages ---


def test_a_form_that_says_its_language_carries_it_into_the_preferences(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    with serving(site) as visitor:
        page = visitor.get("/subscribe?language=fr")
        assert '<html lang="fr" dir="ltr">' in page.text
        assert '<input type="hidden" name="language" value="fr">' in page.text
        assert "À quelle fréquence\u202f?" in page.text
        answer = visitor.post("/subscribe", {"email": ANN, "language": "fr"})
        assert "Consultez votre messagerie" in answer.text
        assert person_of(site.readers, ANN).preferences.language == "fr"
        assert "Votre adresse sert à cette lettre d’information" in proof(site.readers, ANN)[0][2]


def test_a_form_without_a_language_leaves_the_publications(tmp_path: Path) -> None:
    site = a_site(tmp_path, language="de")
    with serving(site) as visitor:
        page = visitor.get("/subscribe")
        assert '<html lang="de" dir="ltr">' in page.text
        assert 'name="language"' not in page.text
        visitor.post("/subscribe", {"email": ANN})
        assert person_of(site.readers, ANN).preferences.language == ""


@pytest.mark.parametrize("odd", ["xx", "nl", '"><script>', "f" * 200, "../fr"])
def test_a_language_nobody_speaks_is_as_none(tmp_path: Path, odd: str) -> None:
    site = a_site(tmp_path)
    with serving(site) as visitor:
        answer = visitor.post("/subscribe", {"email": ANN, "language": odd})
        assert '<html lang="en' in answer.text
        assert person_of(site.readers, ANN).preferences.language == ""


@pytest.mark.parametrize(
    ("language", "confirm", "preferences", "leave"),
    [
        ("fr", "Une dernière étape", "Vos préférences d’e-mails", "Quitter la lettre d’information"),
        ("ar", "خطوة أخيرة", "تفضيلات بريدك", "هل تريد مغادرة النشرة؟"),
    ],
)
def test_pages_that_know_their_reader_speak_the_readers_language(
    tmp_path: Path, language: str, confirm: str, preferences: str, leave: str
) -> None:
    site = a_site(tmp_path)
    with serving(site) as visitor:
        visitor.post("/subscribe", {"email": ANN, "language": language})
        person = person_of(site.readers, ANN)
        paths = {purpose: f"/{purpose}/{site.readers.link(purpose, person)}" for purpose in Purpose}
        assert f"<h1>{confirm}" in visitor.get(paths[Purpose.CONFIRM]).text
        visitor.post(paths[Purpose.CONFIRM], {})
        page = visitor.get(paths[Purpose.PREFERENCES]).text
        assert f"<h1>{preferences}" in page
        assert f'<html lang="{language}"' in page
        assert f"<h1>{leave}" in visitor.get(paths[Purpose.UNSUBSCRIBE]).text


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("", "Geben Sie Ihre E-Mail-Adresse ein."),
        ("no address", "Das sieht nicht nach einer E-Mail-Adresse aus. Bitte prüfen Sie sie."),
    ],
)
def test_what_is_wrong_with_an_address_is_said_in_the_pages_language(
    tmp_path: Path, email: str, words: str
) -> None:
    with serving(a_site(tmp_path, language="de")) as visitor:
        answer = visitor.post("/subscribe", {"email": email})
        assert answer.status == 422
        assert words in answer.text


def test_faults_speak_the_publications_language(tmp_path: Path) -> None:
    with serving(a_site(tmp_path, language="pt")) as visitor:
        assert "<h1>Esta página não existe</h1>" in visitor.get("/nowhere").text
        assert "<h1>Este link não funciona</h1>" in visitor.get("/confirm/odd").text


@pytest.mark.parametrize("language", languages())
def test_every_language_has_its_direction(tmp_path: Path, language: str) -> None:
    with serving(a_site(tmp_path, language=language)) as visitor:
        direction = "rtl" if language == "ar" else "ltr"
        for path in ("/subscribe", "/issues", "/nowhere"):
            assert f'<html lang="{language}" dir="{direction}">' in visitor.get(path).text
