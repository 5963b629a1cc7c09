import http.client
from html import escape

import pytest

from digest.errors import NotAllowed, TemplateFault
from digest.preview.server import PreviewMail, preview_app, serve_preview
from tests.mails_for_pages import TEMPLATES, a_mail

TOKEN = "kept-between-us"
WEEKLY = PreviewMail(
    key="weekly & more",
    group="Digests",
    label="Weekly, 14 June",
    persona="Sam Reader (all themes)",
    data=a_mail(subject="Seven <b>posts</b>"),
    note="7 posts",
)
WEEKLY_ANN = PreviewMail(
    key="weekly-ann",
    group="Digests",
    label="Weekly, 14 June",
    persona="Ann Reader (Prisons)",
    data=a_mail(subject="Two posts"),
)
CONFIRM = PreviewMail(key="confirm", group="Account emails", label="Confirm", data=a_mail(html=""))
MONTHLY = PreviewMail(
    key="monthly",
    group="Digests",
    label="Monthly, June",
    data=b"",
    note="Nothing new since 1 June. The next monthly issue needs one new post.",
)
ALL = (WEEKLY, WEEKLY_ANN, CONFIRM, MONTHLY)


@pytest.fixture
def preview():
    """Start previews of given mails; answer how to GET a path of one."""
    running = []

    def start(mails, templates=TEMPLATES):
        server, url = serve_preview(mails, "Plain Words", templates, token=TOKEN)
        running.append(server)
        assert url == f"{server.url}/{TOKEN}/"

        def get(path, *, token=TOKEN, host=None, method="GET"):
            connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
            connection.request(
                method, f"/{token}{path}", headers={"Host": host or f"{server.host}:{server.port}"}
            )
            response = connection.getresponse()
            body = response.read()
            connection.close()
            return response.status, response.headers, body.decode("utf-8")

        return get

    yield start
    for server in running:
        server.close()


def test_the_first_mail_is_shown_in_two_frames_with_its_inbox_rows(preview):
    status, headers, page = preview(lambda: ALL)("/")

    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.count('<iframe src="frame?mail=weekly+%26+more&amp;scheme=light"') == 2
    assert page.count('sandbox=""') == 2
    assert "Seven &lt;b&gt;posts&lt;/b&gt;" in page
    assert "<b>posts</b>" not in page
    assert "of 102 KB" in page


def test_mails_stand_under_their_groups_once_for_all_personas(preview):
    page = preview(lambda: ALL)("/")[2]

    assert [page.count(f"<h2>{group}</h2>") for group in ("Digests", "Account emails")] == [1, 1]
    assert page.count(">Weekly, 14 June<") == 1
    assert "Ann Reader (Prisons)" in page


def test_the_list_keeps_the_persona_that_was_chosen(preview):
    page = preview(lambda: ALL)("/?mail=weekly-ann")[2]

    assert '<a href="./?mail=weekly-ann" aria-current="page">Weekly, 14 June' in page
    assert "As: Ann Reader (Prisons)" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("tab=text", "<span>Plain words.</span>"),
        ("tab=source", "<span>MIME-Version: 1.0</span>"),
        (
            "tab=source&part=html",
            escape('<p>Rich words, <a href="https://site.example/one">').replace("&#x27;", "'"),
        ),
        ("tab=headers", '<th scope="row">MIME-Version</th><td>1.0</td>'),
        ("view=phone&scheme=dark", "scheme=dark"),
        ("mail=no-such-mail", "Seven"),
    ],
)
def test_every_side_of_a_mail_has_an_address(preview, query, shown):
    status, _, page = preview(lambda: ALL)(f"/?{query}")

    assert status == 200
    assert shown.replace("&quot;", "&#34;") in page


def test_a_mail_without_html_shows_its_text(preview):
    page = preview(lambda: ALL)("/?mail=confirm")[2]

    assert "This mail has no HTML part" in page
    assert "<span>Plain words.</span>" in page


def test_a_mail_without_text_says_so(preview):
    only_html = b"Content-Type: text/html\r\n\r\n<p>Words"
    mail = PreviewMail(key="x", group="Digests", label="X", data=only_html)

    assert "no plain text part" in preview(lambda: [mail])("/?tab=text")[2]


def test_the_frame_is_the_mail_without_any_right(preview):
    status, headers, body = preview(lambda: ALL)("/frame?mail=weekly-ann&scheme=dark")

    assert status == 200
    assert "Rich words" in body
    assert headers["Content-Security-Policy"].endswith("; sandbox")
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_mail_can_be_taken_away_as_its_own_bytes(preview):
    status, headers, body = preview(lambda: ALL)("/mail.eml?mail=weekly-ann")

    assert (status, headers["Content-Type"]) == (200, "message/rfc822")
    assert body.encode() == WEEKLY_ANN.data


def test_a_reload_makes_the_mails_anew_and_its_frames_do_not(preview):
    made = []

    def mails():
        made.append(1)
        return [PreviewMail(key="m", group="Digests", label=f"Edit {len(made)}", data=a_mail())]

    get = preview(mails)

    assert "Edit 1" in get("/")[2]
    assert get("/frame?mail=m")[0] == 200
    assert "Edit 2" in get("/")[2]


def test_an_issue_without_posts_says_what_it_would_need(preview):
    page = preview(lambda: ALL)("/?mail=monthly")[2]

    assert "Nothing new since 1 June. The next monthly issue needs one new post." in page
    assert "<iframe" not in page


def test_no_mail_at_all_says_what_the_next_issue_would_need(preview):
    status, _, page = preview(lambda: ())("/")

    assert status == 200
    assert "The next issue needs one post" in page


def test_a_template_fault_is_shown_with_file_and_line(preview):
    def mails():
        raise TemplateFault("'itemz' is undefined.", template="email/digest/body.html", line=12)

    status, _, page = preview(mails)("/")

    assert status == 500
    assert "<code>email/digest/body.html</code>, line <b>12</b>" in page
    assert "&#39;itemz&#39; is undefined." in page


def test_any_other_error_of_ours_is_shown_in_its_own_words(preview):
    def mails():
        raise NotAllowed("There is no publication yet: run `digest init`.")

    assert "There is no publication yet" in preview(mails)("/")[2]


def test_a_fault_in_the_previews_own_templates_is_told_plainly(preview):
    broken = TEMPLATES | {"preview/_base.html": "{{ nothing.of.the.kind }}"}

    status, headers, body = preview(lambda: ALL, broken)("/")

    assert (status, headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert "preview/_base.html" in body


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost"])
def test_another_host_is_refused(preview, host):
    """DNS rebinding: a page of the web whose name suddenly means this machine."""
    status, _, body = preview(lambda: ALL)("/", host=host)

    assert status == 403
    assert "Seven" not in body


@pytest.mark.parametrize("token", ["wrong", "", "kept-between-us-", "kept-between"])
@pytest.mark.parametrize("path", ["/", "/frame?mail=confirm", "/mail.eml?mail=confirm", "/preview.css"])
def test_an_address_without_the_token_is_not_there(preview, token, path):
    assert preview(lambda: ALL)(path, token=token)[0] == 404


def test_a_mail_that_is_gone_is_not_there(preview):
    assert preview(lambda: ALL)("/frame?mail=gone")[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_here(preview, method):
    assert preview(lambda: ALL)("/", method=method)[0] == 405


def test_no_answer_lets_another_site_read_it(preview):
    get = preview(lambda: ALL)

    for path in ("/", "/frame?mail=confirm", "/mail.eml?mail=confirm", "/preview.css", "/preview.js"):
        status, headers, _ = get(path)
        assert status == 200
        assert "Access-Control-Allow-Origin" not in headers
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_preview_without_a_token_is_refused():
    with pytest.raises(ValueError, match="token"):
        preview_app(lambda: ALL, "Plain Words", TEMPLATES, "")


def test_a_port_that_is_taken_is_an_error(preview):
    server, _ = serve_preview(lambda: ALL, "Plain Words", TEMPLATES, token=TOKEN)
    with server, pytest.raises(OSError, match="in use"):
        serve_preview(lambda: ALL, "Plain Words", TEMPLATES, port=server.port, token=TOKEN)
    server.close()
    server.join()
