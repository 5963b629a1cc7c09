"""What `rdf.xml` says: RSS 1.0 in windows-1252, with a summary only."""

from datetime import UTC, datetime

from digest.model import FoundPost, ParsedFeed

URL = "http://alt.example/index.rdf"

EXPECTED = ParsedFeed(
    title="Café „Nord“",
    site_url="http://alt.example/",
    language="de-AT",
    posts=(
        FoundPost(
            guid="http://alt.example/1",
            link="http://alt.example/1",
            title="Grüße",
            published_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
            language="de-AT",
            html="<p>Kurz und gut – mehr nicht.</p>",
            categories=("Briefe",),
        ),
    ),
)
