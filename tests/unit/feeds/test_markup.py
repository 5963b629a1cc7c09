import pytest

from digest.feeds import markup


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("a  b\n", "a b"),
        ("AT&amp;T", "AT&T"),
        ("<p>a</p><p>b</p>c<br>d", "a b c d"),
        ("bold<b>er</b> <i>x</i>", "bolder x"),
        ("a<script>x()</script>b<!-- c -->d", "abd"),
        ("1 < 2", "1 < 2"),
        ("<html><frameset>a</frameset></html>", "a"),
        ("a\x00\u202eb\ud800", "ab\ufffd"),
    ],
)
def test_the_words_of_html(html: str, text: str) -> None:
    assert markup.plain(html) == text


@pytest.mark.parametrize(
    ("url", "result"),
    [
        (" /a b\n", "https://blog.example/a%20b"),
        ('/"<>', "https://blog.example/%22%3C%3E"),
        ("", ""),
        ("http://", ""),
        ("http://[", ""),
        ("data:x", ""),
        ("java\nscript:x", ""),
    ],
)
def test_an_address_is_absolute_or_nothing(url: str, result: str) -> None:
    assert markup.absolute(url, "https://blog.example/p/") == result
