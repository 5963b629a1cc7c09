"""The made-up posts of the sample site, read from package data and checked.

Each post is one file, ``posts/NN-slug.html``: a header in TOML between two lines of ``+++``, then the
body as HTML. In a body, ``post://slug``, ``image://name.jpg`` and ``watch://slug`` stand for addresses of
the site, which are known only once it runs. A post may link only to older posts, so that publishing the
newest ones never leaves a dead link behind.

The loader refuses what it does not expect: a mistake in the content is found by the tests, not by the
person who watches the demonstration. Neighbours: ``sample_pages`` and ``sample_feed`` show the posts,
``site`` serves them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable

from digest.model import Sponsor

NAME = "After the Gate"
TAGLINE = "What happens after sentence, in plain English"
AUTHOR = "Imogen Hartle"
LANGUAGE = "en-GB"
THEMES = ("Probation", "Prisons", "Courts", "Going home")
UNCATEGORISED = "Uncategorised"  # what WordPress files a post under when nobody chose

PLACEHOLDER = re.compile(r"\b(post|image|watch)://([a-z0-9.-]*[a-z0-9])")
_ADDRESS = re.compile(r"""\b(?:href|src|data-src)=(["'])(.*?)\1""")
_FILE_NAME = re.compile(r"(\d\d)-([a-z0-9-]+)\.html")
_ALLOWED_ADDRESS = ("post://", "image://", "watch://", "https://", "data:image/", "#")

_FIELDS: Mapping[str, type] = {
    "title": str,
    "standfirst": str,
    "theme": str,
    "days_ago": int,
    "at": time,
    "author": str,
    "image": str,
    "image_alt": str,
    "image_credit": str,
    "image_outside": bool,
    "cut_excerpt": bool,
    "also": list,
}
_REQUIRED = ("title", "standfirst", "theme", "days_ago", "at", "author")


class BadSample(ValueError):
    """A file of the sample site is not what the loader expects; the message names file and fault."""


@dataclass(frozen=True, kw_only=True)
class SamplePost:
    """One post of the sample site, as its file says."""

    number: int  # from the file name; 1 is the oldest
    slug: str  # from the file name
    title: str
    standfirst: str  # the author's one line, shown under the title and as the feed's excerpt
    theme: str  # one of THEMES
    also: tuple[str, ...] = ()  # further categories, such as "Uncategorised"
    days_ago: int  # how many days before "now" it came out, at least 1
    at: time  # time of day (UTC) it came out
    author: str
    image: str = ""  # file name in images/; empty: no header image
    image_alt: str = ""
    image_credit: str = ""
    image_outside: bool = False  # the feed gives the image as media:content, not in the text
    cut_excerpt: bool = False  # the feed's description is the start of the text, cut off
    body: str  # HTML with placeholders

    @property
    def id(self) -> int:
        """The number WordPress would show in ``?p=``."""
        return 1200 + 7 * self.number

    def published_at(self, now: datetime) -> datetime:
        """The instant it came out, counted back from ``now``."""
        day = (now.astimezone(UTC) - timedelta(days=self.days_ago)).date()
        return datetime.combine(day, self.at, tzinfo=UTC)

    def path(self, now: datetime) -> str:
        """The path of its page: ``/2026/11/slug/``."""
        return f"/{self.published_at(now):%Y/%m}/{self.slug}/"


def package_data(*names: str) -> Traversable:
    """The file of this package under that path, also from inside a wheel."""
    return files("digest.demo").joinpath(*names)


def load_posts() -> tuple[SamplePost, ...]:
    """Every post of the sample site, oldest first, checked. Raises BadSample."""
    names = sorted(entry.name for entry in package_data("posts").iterdir() if entry.name.endswith(".html"))
    posts = tuple(read_post(name, package_data("posts", name).read_text(encoding="utf-8")) for name in names)
    check_together(posts, images={entry.name for entry in package_data("images").iterdir()})
    return posts


def load_sponsor(today: date) -> Sponsor:
    """The one sponsor of the sample site, running now."""
    facts = tomllib.loads(package_data("posts", "sponsor.toml").read_text(encoding="utf-8"))
    return Sponsor(
        name=facts["name"],
        text=facts["text"],
        link=facts["link"],
        link_text=facts["link_text"],
        theme_key=theme_key(facts["theme"]),
        starts_on=today - timedelta(days=facts["started_days_ago"]),
        ends_on=today + timedelta(days=facts["ends_in_days"]),
    )


def theme_key(name: str) -> str:
    """The key of a theme, also used in the address of its page: ``going-home``."""
    return name.lower().replace(" ", "-")


def read_post(file_name: str, text: str) -> SamplePost:
    """The post in one file. Raises BadSample where the header or the body is not as it should be."""
    named = _FILE_NAME.fullmatch(file_name)
    parts = text.split("+++\n", 2)
    if named is None or len(parts) != 3 or parts[0]:
        raise BadSample(f"{file_name}: expected NN-slug.html with a header between two lines of +++")
    try:
        header = tomllib.loads(parts[1])
    except tomllib.TOMLDecodeError as error:
        raise BadSample(f"{file_name}: the header is no TOML: {error}") from error
    _check_header(file_name, header)
    body = parts[2].strip()
    _check_body(file_name, body)
    header["also"] = tuple(header.get("also", ()))
    return SamplePost(number=int(named[1]), slug=named[2], body=body, **header)


def _check_header(file_name: str, header: Mapping[str, object]) -> None:
    for name in _REQUIRED:
        if not header.get(name):
            raise BadSample(f"{file_name}: the header lacks {name}")
    for name, value in header.items():
        if name not in _FIELDS or type(value) is not _FIELDS[name]:
            raise BadSample(f"{file_name}: the header has an unexpected {name} = {value!r}")
    if header["theme"] not in THEMES:
        raise BadSample(f"{file_name}: {header['theme']!r} is not one of the themes")
    if header.get("image") and not (header.get("image_alt") and header.get("image_credit")):
        raise BadSample(f"{file_name}: an image needs image_alt and image_credit")


def _check_body(file_name: str, body: str) -> None:
    if not body.startswith("<"):
        raise BadSample(f"{file_name}: the body must start with an element")
    for _, address in _ADDRESS.findall(body):
        if not address.startswith(_ALLOWED_ADDRESS):
            raise BadSample(f"{file_name}: unexpected address {address!r}")


def check_together(posts: Iterable[SamplePost], *, images: set[str]) -> None:
    """Raise BadSample unless numbers, dates, links and images of all posts agree."""
    seen: dict[str, SamplePost] = {}
    last: tuple[int, int, float] = (0, 10**6, 0.0)  # number, days ago, hour of the post before
    for post in posts:
        hour = post.at.hour + post.at.minute / 60
        number, days_ago, previous_hour = last
        if post.number != number + 1:
            raise BadSample(f"{post.slug}: number {post.number} does not follow {number}")
        if (-post.days_ago, hour) <= (-days_ago, previous_hour):
            raise BadSample(f"{post.slug}: is not newer than the post before it")
        _check_names(post, seen=set(seen), images=images)
        seen[post.slug] = post
        last = (post.number, post.days_ago, hour)


def _check_names(post: SamplePost, *, seen: set[str], images: set[str]) -> None:
    wanted = set(PLACEHOLDER.findall(post.body)) | ({("image", post.image)} if post.image else set())
    for kind, name in sorted(wanted):
        if kind == "image" and name not in images:
            raise BadSample(f"{post.slug}: there is no image {name}")
        if kind == "post" and name not in seen:
            raise BadSample(f"{post.slug}: {name} is not an older post")
        if kind == "watch" and name != post.slug:
            raise BadSample(f"{post.slug}: a recording is named after its own post")
