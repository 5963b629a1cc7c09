"""What `atom.xml` says: xml:base, typed texts, XHTML content, an entry without a title."""

from datetime import UTC, datetime

from digest.hubs import FeedLinks
from digest.model import FoundPost, ParsedFeed

URL = "https://werkstatt.example/atom.xml"

EXPECTED = ParsedFeed(
    links=FeedLinks(own="https://werkstatt.example/atom.xml"),
    title="Werkstatt Nord",
    site_url="https://werkstatt.example/",
    language="de",
    posts=(
        FoundPost(
            guid="tag:werkstatt.example,2026:7",
            link="https://werkstatt.example/blog/2026/listen",
            title="List<int> ist kein Array",
            author="Jörg",
            published_at=datetime(2026, 11, 1, 22, 30, tzinfo=UTC),
            language="de",
            html=(
                "<h2>Der Anfang</h2>"
                '<p>Siehe <a href="https://werkstatt.example/blog/arrays">Arrays</a>.</p>'
                "<pre><code>a = [1]\nb = a</code></pre>"
            ),
            excerpt="Warum 1 < 2 hier wichtig ist.",
            categories=("Python",),
        ),
        FoundPost(
            guid="tag:werkstatt.example,2026:6",
            link="https://werkstatt.example/blog/2026/ohne-titel",
            title="Ein Eintrag ohne Titel & mit Text. Zweiter Absatz.",
            published_at=datetime(2026, 10, 30, 8, tzinfo=UTC),
            language="de",
            html="<p>Ein Eintrag ohne Titel &amp; mit Text.</p><p>Zweiter Absatz.</p>",
        ),
    ),
)
