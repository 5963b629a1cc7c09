"""What `jsonfeed.json` says: JSON Feed 1.1 with leftovers of 1.0, and values of wrong types."""

from datetime import UTC, datetime

from digest.model import FoundPost, Image, ParsedFeed

URL = "https://notes.example/feed.json"

EXPECTED = ParsedFeed(
    title="Plain Notes",
    site_url="https://notes.example/",
    language="en-US",
    posts=(
        FoundPost(
            guid="https://notes.example/2",
            link="https://notes.example/2",
            title="Two",
            author="Lee",
            published_at=datetime(2026, 11, 2, 15, tzinfo=UTC),
            language="en-US",
            html="<p>Two words, said plainly.</p>",
            excerpt="What two is about.",
            categories=("Numbers",),
            image=Image(url="https://notes.example/two.png"),
        ),
        FoundPost(
            guid="1",
            link="https://elsewhere.example/1",
            title="One < two. End.",
            author="Old",
            published_at=datetime(2026, 11, 1, 10, tzinfo=UTC),
            language="de",
            html="<p>One &lt; two.</p><p>End.</p>",
        ),
    ),
)
