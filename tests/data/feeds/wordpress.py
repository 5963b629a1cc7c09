"""What `wordpress.xml` says: excerpts beside content, lazy pictures, an embed, share buttons and tails."""

from datetime import UTC, datetime

from digest.model import FoundPost, Image, ParsedFeed

URL = "https://justice.example/feed/"

EXPECTED = ParsedFeed(
    title="Doing Time & Doing Good",
    site_url="https://justice.example",
    language="en-GB",
    posts=(
        FoundPost(
            guid="https://staging.justice.example/?p=1287",
            link="https://justice.example/trauma-probation/",
            title="Working with trauma in adult probation",
            author="Ann Reader",
            published_at=datetime(2022, 3, 21, 8, tzinfo=UTC),
            language="en-GB",
            html=(
                "<h2>Trauma-informed practice</h2>\n"
                '<p>The bulletin draws on <a href="https://justice.example/interviews/?utm_source=feed">'
                "67 interviews</a>…</p>\n"
                "<ul><li>There are pockets of good practice.</li>"
                "<li>Staff want <strong>training</strong>.</li></ul>\n"
                '<figure><p><a href="https://www.youtube.com/watch?v=abc123XYZ_-">'
                '<img src="https://i.ytimg.com/vi/abc123XYZ_-/hqdefault.jpg" alt=""><br>'
                "Watch the video on youtube.com</a></p></figure>"
            ),
            excerpt="New research looks at how staff work with people who have lived through trauma.",
            categories=("On Probation", "Trauma"),
            image=Image(
                url="https://justice.example/wp-content/uploads/header.jpg",
                alt="A bridge",
                credit="Thanks to Ann Lens for kind permission to use the header image.",
            ),
        ),
        FoundPost(
            guid="https://staging.justice.example/?p=1286",
            link="https://justice.example/note/",
            title="A short note",
            published_at=datetime(2022, 3, 20, 8, 30, tzinfo=UTC),
            language="en-GB",
            html="<p>The whole note fits into its two lines,<br>give or take.</p>",
        ),
    ),
)
