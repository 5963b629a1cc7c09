"""The pages over a real server: each does what it says, and none does anything when it is only read."""

import re
from contextlib import closing
from sqlite3 import connect

import pytest

from subscribers.model import Cadence, Status
from subscribers.tokens import Purpose
from tests.web_server import a_site, dump, person_of, serving

ANN = "ann@reader.example"


@pytest.fixture
def site(tmp_path):
    return a_site(tmp_path)


@pytest.fixture
def visitor(site):
    with serving(site) as visitor:
        yield visitor


def ask(site, visitor, email=ANN, **fields):
    answer = visitor.post("/subscribe", {"email": email} | fields)
    assert answer.status == 200
    return person_of(site.readers, email)


def join(site, visitor, email=ANN, **fields):
    person = ask(site, visitor, email, **fields)
    return site.readers.confirm(site.readers.link(Purpose.CONFIRM, person))


def link(site, purpose, person):
    return f"/{purpose}/{site.readers.link(purpose, person)}"


def every_page(site, visitor):
    """Return a path to every kind of page, its links signed for a reader."""
    ann = join(site, visitor)
    signed = [
        link(site, purpose, ann) for purpose in (Purpose.CONFIRM, Purpose.UNSUBSCRIBE, Purpose.PREFERENCES)
    ]
    return [
        "/",
        "/subscribe",
        "/issues",
        "/issues/weekly-2026-11-22",
        "/static/site.css",
        "/healthz",
        *signed,
    ]


def test_the_form_asks_for_an_address_and_a_cadence(visitor):
    for path in ("/", "/subscribe"):
        page = visitor.get(path)
        assert page.status == 200
        assert 'type="email"' in page.text
        assert re.search(r'value="weekly" checked', page.text)
        assert "Courts &amp; sentencing" in page.text


def test_signing_up_stores_the_choice_and_answers_check_your_inbox(site, visitor):
    fields = {"email": ANN, "cadence": "monthly", "themes": ["courts", "prisons", "made-up"]}
    answer = visitor.post("/subscribe", fields)
    assert "Check your inbox" in answer.words
    wanted = person_of(site.readers, ANN).preferences
    assert (wanted.cadence, wanted.themes) == (Cadence.MONTHLY, {"courts", "prisons"})


def test_the_answer_never_tells_whether_an_address_is_known(site, visitor):
    join(site, visitor)
    left = join(site, visitor, "left@reader.example")
    site.readers.unsubscribe(site.readers.link(Purpose.UNSUBSCRIBE, left))
    site.readers.suppress("blocked@reader.example", source="test")
    answers = [
        visitor.post("/subscribe", {"email": f"{who}@reader.example"})
        for who in ("new", "ann", "left", "blocked", "new")
    ]
    assert len({(answer.status, answer.text) for answer in answers}) == 1


def test_every_theme_ticked_is_the_same_as_none(site, visitor):
    keys = [theme.key for theme in site.themes()]
    assert ask(site, visitor, themes=keys).preferences.themes == frozenset()


def test_a_bad_address_is_explained_beside_the_field_and_nothing_is_lost(site, visitor):
    answer = visitor.post("/subscribe", {"email": '"><b>ann', "cadence": "daily", "themes": ["courts"]})
    assert answer.status == 422
    assert 'role="alert"' in answer.text
    assert 'aria-describedby="email-error"' in answer.text
    assert "<b>ann" not in answer.text
    assert re.search(r'value="daily" checked', answer.text)
    assert re.search(r'value="courts" checked', answer.text)
    assert dump(site.readers)["subscriber"] == []


def test_a_robot_that_fills_in_the_hidden_field_is_thanked_and_ignored(site, visitor):
    answer = visitor.post("/subscribe", {"email": ANN, "website": "https://spam.example"})
    assert "Check your inbox" in answer.words
    assert dump(site.readers)["subscriber"] == []


def test_the_link_shows_a_button_and_the_button_confirms(site, visitor):
    ann = ask(site, visitor)
    path = link(site, Purpose.CONFIRM, ann)
    assert '<button class="button" type="submit">' in visitor.get(path).text
    assert person_of(site.readers, ANN).status is Status.PENDING
    answer = visitor.post(path)
    assert "You’re subscribed" in answer.words
    assert person_of(site.readers, ANN).status is Status.CONFIRMED
    assert visitor.get(re.search(r'href="(/preferences/[^"]+)"', answer.text)[1]).status == 200


def test_an_expired_link_says_so_and_offers_a_fresh_one(site, visitor):
    path = link(site, Purpose.CONFIRM, ask(site, visitor))
    site.desk.pass_time(days=8)
    for answer in (visitor.get(path), visitor.post(path)):
        assert answer.status == 410
        assert "expired" in answer.words
        assert 'href="/subscribe"' in answer.text


@pytest.mark.parametrize("encoding", ["form", "multipart"])
def test_one_click_unsubscribes_at_once_without_redirect_or_cookie(site, visitor, encoding):
    ann = join(site, visitor)
    path = link(site, Purpose.UNSUBSCRIBE, ann)
    if encoding == "form":
        kind, body = "application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"
    else:
        kind = "multipart/form-data; boundary=xyz"
        part = 'Content-Disposition: form-data; name="List-Unsubscribe"'
        body = f"--xyz\r\n{part}\r\n\r\nOne-Click\r\n--xyz--\r\n".encode()
    for _ in range(2):
        answer = visitor.ask("POST", path, body, {"Content-Type": kind})
        assert (answer.status, answer.text) == (200, "Unsubscribed.\n")
        assert "set-cookie" not in answer.headers
        assert "location" not in answer.headers
    assert person_of(site.readers, ANN).status is Status.UNSUBSCRIBED


def test_one_click_is_answered_well_for_somebody_erased(site, visitor):
    ann = join(site, visitor)
    site.readers.erase(ANN, source="test")
    answer = visitor.post(link(site, Purpose.UNSUBSCRIBE, ann), {"List-Unsubscribe": "One-Click"})
    assert answer.status == 200


def test_the_button_unsubscribes_and_undo_brings_back(site, visitor):
    path = link(site, Purpose.UNSUBSCRIBE, join(site, visitor))
    assert "Leave the newsletter?" in visitor.get(path).words
    done = visitor.post(path, {"action": "leave"})
    assert "You have left" in done.words
    assert person_of(site.readers, ANN).status is Status.UNSUBSCRIBED
    assert "You have already left" in visitor.get(path).words
    back = visitor.post(re.search(r'action="(/unsubscribe/[^"]+/undo)"', done.text)[1])
    assert "Welcome back" in back.words
    assert person_of(site.readers, ANN).status is Status.CONFIRMED


def test_less_mail_can_be_had_instead_of_leaving(site, visitor):
    path = link(site, Purpose.UNSUBSCRIBE, join(site, visitor))
    assert "one digest a month" in visitor.post(path, {"action": "monthly"}).words
    assert person_of(site.readers, ANN).preferences.cadence is Cadence.MONTHLY
    assert "until 21 December 2026" in visitor.post(path, {"action": "pause"}).words
    assert person_of(site.readers, ANN).status is Status.CONFIRMED


def test_preferences_are_shown_changed_paused_and_resumed(site, visitor):
    path = link(site, Purpose.PREFERENCES, join(site, visitor, themes=["courts"]))
    page = visitor.get(path)
    assert re.search(r'value="courts" checked', page.text)
    assert "a•••@reader.example" in page.words
    assert ANN not in page.text
    saved = visitor.post(path, {"action": "save", "cadence": "daily", "themes": ["youth"]})
    assert "Saved. You get the daily digest." in saved.words
    paused = visitor.post(path, {"action": "pause"})
    assert "until 21 December 2026" in paused.words
    assert "Resume emails now" in paused.words
    resumed = visitor.post(path, {"action": "resume"})
    assert "Pause emails for 4 weeks" in resumed.words
    wanted = person_of(site.readers, ANN).preferences
    assert (wanted.cadence, wanted.themes, wanted.paused_until) == (Cadence.DAILY, {"youth"}, None)


def test_a_pause_that_is_over_is_not_shown(site, visitor):
    path = link(site, Purpose.PREFERENCES, join(site, visitor))
    visitor.post(path, {"action": "pause"})
    site.desk.pass_time(weeks=4)
    assert "Pause emails for 4 weeks" in visitor.get(path).words


def test_whoever_left_is_told_so_on_the_preferences_page(site, visitor):
    ann = join(site, visitor)
    site.readers.unsubscribe(site.readers.link(Purpose.UNSUBSCRIBE, ann))
    path = link(site, Purpose.PREFERENCES, ann)
    assert "does not receive the newsletter" in visitor.get(path).words
    assert visitor.post(path, {"action": "pause"}).status == 409


@pytest.mark.parametrize("used_for", ["confirm", "unsubscribe", "preferences"])
@pytest.mark.parametrize("made_for", list(Purpose))
def test_a_link_opens_its_own_page_and_no_other(site, visitor, made_for, used_for):
    ann = join(site, visitor)
    path = f"/{used_for}/{site.readers.link(made_for, ann)}"
    before = dump(site.readers)
    expected = 200 if made_for == used_for else 404
    assert visitor.get(path).status == expected
    if expected == 404:
        assert visitor.post(path, {"List-Unsubscribe": "One-Click"}).status == 404
    assert dump(site.readers) == before


def test_following_every_link_as_a_scanner_does_changes_nothing(site, visitor):
    """Mail scanners follow every link with GET and HEAD (invariant 4)."""
    waiting = every_page(site, visitor)
    ask(site, visitor, "bob@reader.example")
    waiting.append(link(site, Purpose.CONFIRM, person_of(site.readers, "bob@reader.example")))
    before, notices = dump(site.readers), list(site.desk.notices)
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for method in ("HEAD", "GET"):
            answer = visitor.ask(method, path)
            assert answer.status == 200, path
        found = re.findall(r'(?:href|action|src)="(/[^"]*)"', answer.text)
        waiting += [target for target in found if not target.endswith("/undo")]
    assert len(seen) > 8
    assert (dump(site.readers), site.desk.notices) == (before, notices)


def test_every_page_is_locked_down(site, visitor):
    for path in [*every_page(site, visitor), "/nothing", "/confirm/nonsense"]:
        answer = visitor.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        if path.startswith(("/confirm/", "/unsubscribe/", "/preferences/")):
            assert answer.headers["cache-control"] == "no-store"
            assert "noindex" in answer.headers["x-robots-tag"]
            assert '<meta name="robots" content="noindex">' in answer.text


def test_no_page_loads_anything_from_elsewhere(site, visitor):
    for path in every_page(site, visitor):
        text = visitor.get(path).text
        assert not re.search(r'(?:src|link rel="stylesheet" href)="(?:https?:)?//', text)
        assert "url(" not in text
        assert "@import" not in text


def test_only_issues_may_show_pictures_of_the_publishers_site(visitor):
    assert (
        "https://bench.example" in visitor.get("/issues/weekly-2026-11-22").headers["content-security-policy"]
    )
    assert "https://bench.example" not in visitor.get("/issues").headers["content-security-policy"]


def test_the_pages_wear_the_publications_own_colour(tmp_path):
    with serving(a_site(tmp_path, accent="#7A1F3D")) as visitor:
        page = visitor.get("/subscribe").text
        stylesheet = visitor.get(re.search(r'rel="stylesheet" href="([^"]+)"', page)[1])
    assert stylesheet.headers["content-type"] == "text/css; charset=utf-8"
    assert "--accent: #7A1F3D" in stylesheet.text


def test_past_issues_are_listed_by_month_and_open(visitor):
    page = visitor.get("/issues")
    assert page.words.index("November 2026") < page.words.index("October 2026")
    assert "Bail hostels &amp; the winter" in page.text
    assert visitor.get("/issues/weekly-2026-11-22").status == 200


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/issues/weekly-1999-01-01", "/issues/..%2f..%2fetc", "/issues/A", "/confirm/x", "/confirm/",
     "/preferences/k1.0.0", "/unsubscribe/%00", "/unsubscribe/%ed%a0%80", "/static/../site.css", "/docs"],
)  # fmt: skip
def test_what_is_not_there_is_a_friendly_page(visitor, path):
    answer = visitor.get(path)
    assert answer.status == 404
    assert 'href="/subscribe"' in answer.text


def test_the_wrong_method_is_refused_in_words(visitor):
    answer = visitor.ask("DELETE", "/subscribe")
    assert answer.status == 405
    assert "<h1>" in answer.text


def test_a_choice_that_is_not_on_the_form_is_refused(site, visitor):
    assert visitor.post("/subscribe", {"email": ANN, "cadence": "hourly"}).status == 400
    assert dump(site.readers)["subscriber"] == []


def test_a_body_over_the_limit_is_refused(site, visitor):
    assert visitor.post("/subscribe", {"email": ANN, "website": "x" * 70_000}).status == 413
    assert visitor.post("/subscribe", {"email": ANN, "x": "x" * 7_000}).status == 200


def test_row_67_a_locked_database_is_a_page_that_says_when_to_come_back(site, visitor, tmp_path):
    ann = join(site, visitor)
    path = link(site, Purpose.UNSUBSCRIBE, ann)
    with closing(connect(tmp_path / "people.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answers = [visitor.post(path), visitor.post("/subscribe", {"email": ANN})]
        other.execute("ROLLBACK")
    for answer in answers:
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "try again" in answer.words
    assert visitor.post(path, {"List-Unsubscribe": "One-Click"}).status == 200


def test_health_is_told_by_its_status(site, visitor):
    assert visitor.get("/healthz").text == "ok\n"
    site.well = False
    assert visitor.get("/healthz").status == 503


def test_links_follow_the_public_path_and_never_the_host_header(tmp_path):
    site = a_site(tmp_path, base="/news", privacy_url="https://bench.example/privacy")
    with serving(site) as visitor:
        page = visitor.ask("GET", "/subscribe", headers={"Host": "evil.example"})
    assert "evil.example" not in page.text
    assert 'action="/news/subscribe"' in page.text
    assert 'href="/news/static/site.css' in page.text
    assert 'href="https://bench.example/privacy"' in page.text


def test_a_publication_in_a_right_to_left_language_gets_right_to_left_pages(tmp_path):
    with serving(a_site(tmp_path, language="ar")) as visitor:
        assert '<html lang="ar" dir="rtl">' in visitor.get("/subscribe").text


@pytest.mark.parametrize("path", ["/", "/unsubscribe/{}"])
def test_a_page_that_breaks_is_locked_down_like_any_other(site, visitor, monkeypatch, path):
    token = site.readers.link(Purpose.UNSUBSCRIBE, join(site, visitor))
    monkeypatch.setattr(type(site), "cadences", lambda _self: 1 / 0)
    answer = visitor.get(path.format(token))
    assert answer.status == 500
    assert "Something went wrong here" in answer.words
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert ("cache-control" in answer.headers) is path.startswith("/unsubscribe/")


def test_undo_is_not_offered_for_leaving_again(site, visitor):
    path = link(site, Purpose.UNSUBSCRIBE, join(site, visitor))
    visitor.post(path, {"List-Unsubscribe": "One-Click"})
    again = visitor.post(path, {"action": "leave"})
    assert "You have left" in again.words
    assert "/undo" not in again.text
