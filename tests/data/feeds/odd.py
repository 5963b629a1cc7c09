"""What `odd.xml` says: bare guids, relative links, dates of many sorts, pictures outside the text."""

from datetime import UTC, datetime

from digest.model import FoundPost, Image, ParsedFeed

URL = "https://odd.example/blog/feed.xml"

EXPECTED = ParsedFeed(
    title="Odd",
    site_url="https://odd.example/",
    posts=(
        FoundPost(
            guid="7",
            link="https://odd.example/blog/posts/one",
            title="AT&T",
            author="Ann",
            html="<p>Ein <b>Absatz</b></p>",
            image=Image(url="https://odd.example/blog/posts/big.jpg", alt="A hill", width=1200, height=630),
        ),
        FoundPost(
            guid="7",
            link="",
            title="שלום לכולם",
            published_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
            language="he",
            direction="rtl",
            html="<p>פוסט ראשון בעברית</p>",
            image=Image(url="https://odd.example/pic.png"),
        ),
    ),
    warnings=(
        "1 of 3 entries had neither title, link nor text, and were left out.",
        "1 of 2 posts is without a link.",
        "1 of 2 posts is without a readable date; first sight counts.",
        "2 of 2 posts are sharing an identifier (guid) with another.",
    ),
)
