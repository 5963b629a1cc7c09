import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.preview.mail_view import Link, MailView, read_mail
from tests.mails_for_pages import a_mail


def test_a_mail_is_taken_apart_whole():
    data = a_mail(subject="Überfüllt – why?")

    assert read_mail(data) == MailView(
        subject="Überfüllt – why?",
        from_="Plain Words <news@example.org>",
        sender="Plain Words",
        to="Ann Okafor <ann@example.org>",
        date="Mon, 23 Nov 2026 07:00:00 +0000",
        headers=(
            ("From", "Plain Words <news@example.org>"),
            ("To", "Ann Okafor <ann@example.org>"),
            ("Subject", "=?utf-8?b?w5xiZXJmw7xsbHQg4oCT?= why?"),
            ("Date", "Mon, 23 Nov 2026 07:00:00 +0000"),
            ("MIME-Version", "1.0"),
            ("Content-Type", 'multipart/alternative; boundary="parts"'),
        ),
        html='<p>Rich words, <a href="https://site.example/one">one link</a>.</p>\n',
        text="Plain words.\n",
        source=data.decode(),
        snippet="Rich words, one link.",
        links=(Link(url="https://site.example/one", text="one link"),),
        size=len(data),
        size_html_encoded=len(b'<p>Rich words, <a href=3D"https://site.example/one">one link</a>.</p>\r\n'),
    )


def test_a_folded_header_keeps_its_folds():
    data = b"List-Unsubscribe: <https://site.example/u/1>,\r\n <mailto:u@example.org>\r\n\r\nWords\r\n"

    assert read_mail(data).headers == (
        ("List-Unsubscribe", "<https://site.example/u/1>,\n <mailto:u@example.org>"),
    )


def test_the_snippet_is_the_preheader_without_the_fillers_that_follow_it():
    html = (
        "<head><title>Not this</title><style>p{}</style></head><body>"
        "<div>Also this week: two.</div><div>&zwnj;&nbsp;\u034f\u00ad&zwnj;&nbsp;</div><p>Then the mail</p>"
    )

    assert read_mail(a_mail(html=html)).snippet == "Also this week: two. Then the mail"


def test_the_snippet_of_a_mail_without_html_is_its_text():
    view = read_mail(a_mail(html="", text="Hello.\n\nMore words.\n"))

    assert (view.snippet, view.html, view.size_html_encoded) == ("Hello. More words.", "", 0)


@pytest.mark.parametrize(
    ("html", "snippet"),
    [
        ("<head><style>a{}<body><p>Not this</p>", ""),
        ("<p>Read</p><![word[", "Read"),
        ("<head><title>No</title><body><p>Read</p>", "Read"),
        ("</style><p>Read</p>", "Read"),
        ("<![if !mso]><p>Read</p><![endif]>", "Read"),
        ("<p>Re<b>a</b>d &amp; write</p><p>more<br>words", "Read & write more words"),
    ],
)
def test_broken_html_is_read_as_far_as_it_goes(html, snippet):
    assert read_mail(a_mail(html=html)).snippet == snippet


def test_links_come_in_reading_order_and_a_picture_lends_its_words():
    html = (
        '<a name="here">No link</a><a href="https://a.example"><img src="x" alt="A court"></a>'
        '<a href="https://b.example">open <a href=" https://c.example ">third\n link</a>'
        '<a href="https://d.example"><img src="y"></a>'
    )

    assert read_mail(a_mail(html=html)).links == (
        Link(url="https://a.example", text="A court"),
        Link(url="https://b.example", text="open"),
        Link(url="https://c.example", text="third link"),
        Link(url="https://d.example", text=""),
    )


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n", b"caf\xe9", "café"),
        (b"Content-Type: text/plain; charset=no-such-thing\r\n", "café".encode(), "café"),
        (b"Content-Type: text/plain; charset=utf-8\r\n", b"caf\xe9", "caf\ufffd"),
        (b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n", b"Y2Fmw6k=", "café"),
    ],
)
def test_text_is_decoded_as_it_says_or_else_as_utf_8(head, body, text):
    assert read_mail(head + b"\r\n" + body).text == text


def test_html_sent_as_8bit_counts_its_octets():
    data = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + "é".encode()

    assert read_mail(data).size_html_encoded == 2


def test_a_sender_without_a_name_is_shown_by_address():
    assert read_mail(b"From: news@example.org\r\n\r\n").sender == "news@example.org"
    assert read_mail(b"From: nobody in particular\r\n\r\n").sender != ""


@given(st.binary(max_size=400))
def test_any_bytes_can_be_shown(data):
    view = read_mail(data)

    assert view.size == len(data)
    str(view).encode("utf-8")  # nothing undecodable is left that a page could not carry


_LINES = st.sampled_from(
    [
        "Content-Type: multipart/alternative; boundary=b",
        "Content-Type: text/html; charset=\x00",
        "Content-Type: /;;=",
        "Content-Type: text/plain; name*0*=x''%; name*1=",
        "Content-Type: message/rfc822",
        "Content-Disposition: attachment; filename*=utf-8''%ff",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: \u2028",
        "From: =?utf-8?q?=FF?= <@[>",
        "To: group: a@b, ;,<",
        "Subject: =?x?q?a?= =?utf-8?b?====?=",
        "Date: 99 Foo -1 25:61",
        "",
        "--b",
        "--b--",
        "<p>\u00e9",
    ]
)


@given(st.lists(_LINES, max_size=12))
def test_any_mail_can_be_shown(lines):
    """The standard library's header parser raises on some of what arrives; an inbox must not."""
    data = "\r\n".join(lines).encode("utf-8")

    str(read_mail(data)).encode("utf-8")
