"""What `pictures.xml` says: whose picture it is, in which words, and in which language a text really is."""

from datetime import UTC, datetime

from digest.model import FoundPost, Image, ParsedFeed

URL = "https://lens.example/feed/"

EXPECTED = ParsedFeed(
    title="Lens and Line",
    site_url="https://lens.example/",
    language="en-US",
    posts=(
        FoundPost(
            guid="https://lens.example/?p=1",
            link="https://lens.example/1/",
            title="The picture speaks first",
            published_at=datetime(2026, 11, 2, 8, tzinfo=UTC),
            language="en-US",
            html="<p>The first of two paragraphs that readers came for.</p><p>The second.</p>",
            excerpt="What the entry says of itself, not of its picture.",
            image=Image(
                url="https://lens.example/uploads/bridge.jpg",
                alt="A bridge over a slow river",
                credit="Ann Lens, County Archive",
                width=1200,
                height=600,
            ),
        ),
        FoundPost(
            guid="https://lens.example/?p=2",
            link="https://lens.example/2/",
            title="Last the picture",
            published_at=datetime(2026, 11, 1, 8, tzinfo=UTC),
            language="en-US",
            html="<p>A paragraph that is long enough to be one.</p>",
            excerpt="The publisher's own short text.",
            image=Image(
                url="https://lens.example/uploads/door.png",
                alt="A door, half open",
                credit="Thanks to Bo Frame for kind permission to use the header image in this post.",
            ),
        ),
        FoundPost(
            guid="https://lens.example/?p=3",
            link="https://lens.example/3/",
            title="The same picture twice",
            published_at=datetime(2026, 10, 31, 8, tzinfo=UTC),
            language="en-US",
            html="<p>It opens the text in one size, and stands beside it in another.</p>",
            image=Image(
                url="https://lens.example/uploads/hill-1024x683.jpg",
                alt="A hill in rain",
                credit="© Cy Click",
            ),
        ),
        FoundPost(
            guid="https://lens.example/?p=4",
            link="https://lens.example/4/",
            title="Pas de chance",
            published_at=datetime(2026, 10, 30, 8, tzinfo=UTC),
            language="fr",
            html=(
                "<p>Ce texte est écrit en français, et le flux dit pourtant qu'il est en anglais : c'est une "
                "erreur que les lecteurs d'écran font entendre, car ils lisent les mots avec la voix de la langue "
                "qui est déclarée dans le message.</p><p>Il y a une seconde partie, pour que personne ne doute.</p>"
            ),
        ),
    ),
)
