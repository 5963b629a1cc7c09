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
            html="Ein <b>Absatz</b>",
            image=Image(url="https://odd.example/blog/posts/big.jpg", width=1200, height=630),
        ),
        FoundPost(
            guid="7",
            link="",
            title="שלום לכולם",
            published_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
            direction="rtl",
            html="<p>פוסט ראשון בעברית</p>",
            image=Image(url="https://odd.example/pic.png"),
        ),
        FoundPost(guid="bare", link="", title="–"),
    ),
    warnings=(
        "2 of 3 posts are without a link.",
        "2 of 3 posts are without a readable date; first sight counts.",
        "1 of 3 posts is without any text.",
        "2 of 3 posts are sharing an identifier (guid) with another.",
    ),
)
