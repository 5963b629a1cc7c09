"""Pictures from a real site, on their way into mails: measured, made fit, or left out with a reason."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from PIL import Image
from starlette.testclient import TestClient

from digest.editorial.pictures import Picture, Verdict
from digest.pipeline import drafting, due_issues, pictures
from digest.pipeline.fitting import fitted
from digest.preview.samples import Samples
from digest.preview.server import preview_app
from digest.store import pictures as store
from digest.web.application import create_app
from tests.blog import Blog, entry
from tests.installation import Clock, installation
from tests.pictures import PIXEL, bomb, lying, moving, picture, see_through
from tests.servers import FeedServer

GIF, JPEG, PNG = {"Content-Type": "image/gif"}, {"Content-Type": "image/jpeg"}, {"Content-Type": "image/png"}


@pytest.fixture
def room(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Blog]:
    """A blog with one reader of every post; a test's parameter changes the settings of pictures."""
    clock = Clock()
    images = {"folder": str(tmp_path / "pictures")} | getattr(request, "param", {})
    with (
        FeedServer() as site,
        installation(tmp_path, clock=clock, feeds={"allow_private": True}, images=images) as app,
    ):
        one = Blog(site=site, app=app, clock=clock)
        one.show()
        one.add()
        one.join("ann@reader.example")
        yield one


HERE = pytest.mark.parametrize("room", [{"serve": "here"}], indirect=True)
OFF = pytest.mark.parametrize("room", [{"check": False}], indirect=True)


def html_of(room: Blog) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(room.mails()[-1].get_body(("html",)).get_content())


def publish(room: Blog, body: str) -> lxml_html.HtmlElement:
    """Publish a post with that body, let it be mailed, and return the mail's HTML."""
    room.show(entry(1, html=body))
    assert room.poll() == ["Post 1"]
    return html_of(room)


def with_header(url: str) -> str:
    return (
        f'<figure><img src="{url}" alt="A gate"><figcaption>Photo: J. Osei</figcaption></figure><p>Words.</p>'
    )


def shown(page: lxml_html.HtmlElement) -> list[tuple[str, str | None, str | None]]:
    return [(img.get("src"), img.get("width"), img.get("height")) for img in page.iter("img")]


def found(room: Blog, url: str) -> Picture:
    with room.app.database.read() as conn:
        return store.kept(conn, [url])[url]


def asked(room: Blog) -> list[str]:
    return [one.path for one in room.site.asked if not one.path.startswith("/feed")]


# --- Measured, and left where they are ---


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_picture_without_numbers_is_measured_from_its_first_bytes(room: Blog, form: str) -> None:
    url = room.site.route("/gate", picture(form, (1600, 800)))

    assert shown(publish(room, with_header(url))) == [(url, "600", "300")]
    assert room.site.asked[-1].headers["range"] == "bytes=0-131071"


def test_a_picture_is_asked_for_once_however_many_mails_show_it(room: Blog) -> None:
    url = room.site.route("/gate.jpg", picture())
    publish(room, with_header(url))
    room.show(entry(1), entry(2, html=with_header(url)))
    room.poll()

    assert asked(room) == ["/gate.jpg"]
    assert shown(html_of(room)) == [(url, "600", "300")]


def test_a_server_that_sends_more_than_it_was_asked_for_is_hung_up_on(room: Blog) -> None:
    sent: list[int] = []

    def without_end() -> Iterator[bytes]:
        yield picture(size=(900, 300))
        for number in range(1000):
            sent.append(number)
            yield bytes(64 * 1024)

    url = room.site.route("/gate.jpg", chunks=without_end(), headers=JPEG)

    assert shown(publish(room, with_header(url))) == [(url, "600", "200")]
    assert len(sent) < 900


@OFF
def test_switched_off_nothing_is_asked_for_and_the_picture_stays(room: Blog) -> None:
    url = room.site.route("/gate.jpg", picture())

    assert shown(publish(room, with_header(url))) == [(url, "600", None)]
    assert asked(room) == []


def test_pictures_in_the_body_are_measured_too_and_keep_the_width_their_author_chose(room: Blog) -> None:
    wide = room.site.route("/wide.jpg", picture(size=(1600, 800)))
    face = room.site.route("/face.jpg", picture(size=(300, 600)))
    body = (
        f'<p>Words first.</p><p><img src="{wide}"></p><p><img src="{face}" width="100" height="100"> She.</p>'
    )

    assert shown(publish(room, body)) == [(wide, "520", "260"), (face, "100", "200")]


def test_a_post_without_pictures_asks_for_nothing(room: Blog) -> None:
    assert shown(publish(room, "<p>Words.</p>")) == []
    assert asked(room) == []


def test_sixty_pictures_are_measured_and_the_next_stay_as_they_were(room: Blog) -> None:
    data = picture(size=(400, 200))
    urls = [room.site.route(f"/{number}.jpg", data) for number in range(63)]
    page = publish(room, "<p>Words.</p>" + "".join(f'<p><img src="{url}"></p>' for url in urls))

    assert len(asked(room)) == pictures.MOST_AT_ONCE == 60
    assert shown(page) == [
        *((url, "400", "200") for url in urls[:60]),
        *((url, "520", None) for url in urls[60:]),
    ]


# --- Left out, and why ---


BAD = {
    "gone": ({"status": 404}, "is not there (it answers 404)"),
    "empty": ({"body": b"", "headers": JPEG}, "is empty"),
    "a page": ({"body": b"<!doctype html><p>No", "headers": JPEG}, "is no picture (image/jpeg)"),
    "a drawing": ({"body": b"<svg width='9'/>"}, "is SVG, which mail programs do not show"),
    "a bomb": ({"body": bomb(), "headers": PNG}, "is 30,000 × 30,000 pixels, more than any mail can use"),
    "huge": (
        {"body": picture(), "headers": JPEG | {"Content-Range": f"bytes 0-131071/{11 << 20}"}, "status": 206},
        "has more than 10 MB (images.max_megabytes)",
    ),
    "a pixel": ({"body": PIXEL, "headers": GIF}, "is 1 × 1 pixels: it counts readers and shows nothing"),
}  # fmt: skip


@pytest.mark.parametrize("serve", ["remote", "here"])
@pytest.mark.parametrize("name", [name for name in BAD if name != "huge"])
def test_a_bad_picture_is_left_out_with_its_credit_and_the_reason_is_kept(
    tmp_path: Path, name: str, serve: str
) -> None:
    answer, reason = BAD[name]
    check(tmp_path, serve, answer, reason)


def test_a_picture_that_says_it_is_huge_is_left_out(tmp_path: Path) -> None:
    check(tmp_path, "remote", *BAD["huge"])


def test_a_picture_that_is_huge_is_left_out_before_all_of_it_is_read(tmp_path: Path) -> None:
    body = picture() + bytes(11 << 20)
    check(tmp_path, "here", {"body": body, "headers": JPEG}, BAD["huge"][1])


def test_a_picture_that_breaks_off_is_left_out_where_we_make_pictures(tmp_path: Path) -> None:
    check(tmp_path, "here", {"body": picture()[:3000], "headers": JPEG}, "is damaged or breaks off")


def test_a_redirect_to_a_private_address_is_not_followed(tmp_path: Path) -> None:
    to = {"status": 302, "headers": {"Location": "http://169.254.169.254/latest/meta-data/"}}
    check(tmp_path, "remote", to, "is at an address we do not ask")


def check(folder: Path, serve: str, answer: dict[str, Any], reason: str) -> None:
    images = {"serve": serve, "folder": str(folder / "pictures")}
    with (
        FeedServer() as site,
        installation(folder, clock=(clock := Clock()), feeds={"allow_private": True}, images=images) as app,
    ):
        room = Blog(site=site, app=app, clock=clock)
        room.show()
        room.add()
        room.join("ann@reader.example")
        url = site.route("/bad.jpg?signed=secret", **answer)
        page = publish(room, with_header(url))

        assert shown(page) == []
        assert "J. Osei" not in page.text_content()
        assert "Words." in page.text_content()
        assert found(room, url).reason == f"{site.url}/bad.jpg {reason}"
        assert room.why("Post 1").pictures == (f"{site.url}/bad.jpg {reason}",)
        assert not (folder / "pictures").exists()


def test_a_bad_picture_in_the_body_goes_with_its_figure_and_leaves_the_words_around_it(room: Blog) -> None:
    url = room.site.route("/gone.jpg", status=404)
    page = publish(
        room,
        f'<p>Before.</p><figure><a href="{url}"><img src="{url}"></a><figcaption>Gone, by J. Osei'
        f'</figcaption></figure><p>Look: <img src="{url}"> after.</p>',
    )

    assert shown(page) == []
    assert "Osei" not in page.text_content()
    assert "Look:  after." in page.text_content()


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_picture_we_may_not_see_stays_for_readers_who_may(room: Blog, status: int) -> None:
    url = room.site.route("/gate.jpg", status=status)

    assert shown(publish(room, with_header(url))) == [(url, "600", None)]
    assert found(room, url).verdict is Verdict.UNSEEN


def test_a_picture_that_was_not_fine_is_looked_at_again_after_an_hour(room: Blog) -> None:
    url = room.site.route("/gate.jpg", status=503)
    publish(room, with_header(url))
    room.site.route("/gate.jpg", picture())
    room.show(entry(1), entry(2, html=with_header(url)))
    room.poll()

    assert shown(html_of(room)) == [(url, "600", "300")]


def test_a_slow_site_of_pictures_holds_up_no_mail(room: Blog) -> None:
    urls = [room.site.route(f"/{number}.jpg", picture()) for number in range(3)]
    clock = iter([0.0, 1.0, pictures.MOST_SECONDS])
    seen = pictures.seen(room.app.tools, urls, room.clock(), monotonic=lambda: next(clock))

    assert [one.url for one in seen] == urls[:1]


# --- Made here ---


def made(room: Blog, page: lxml_html.HtmlElement, place: int = 0) -> Image.Image:
    """Return the rendition a mail shows, as the public pages serve it."""
    (src, width, height) = shown(page)[place]
    public = f"{room.app.publication.public_url}/pictures/"
    assert src.startswith(public)
    answer = room.app.picture(src.removeprefix(public))
    assert answer is not None
    data, kind = answer
    opened = Image.open(io.BytesIO(data))
    assert opened.get_format_mimetype() == kind
    opened.load()
    assert abs(opened.width / opened.height - int(width) / int(height)) < 0.02
    return opened


@HERE
@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF"])
def test_a_photograph_becomes_a_jpeg_of_twice_the_width_shown(room: Blog, form: str) -> None:
    url = room.site.route("/gate", picture(form, (3000, 1500)))
    one = made(room, publish(room, with_header(url)))

    assert (one.format, one.size) == ("JPEG", (1200, 600))


@HERE
def test_a_small_picture_is_never_enlarged(room: Blog) -> None:
    url = room.site.route("/gate.jpg", picture(size=(500, 250)))

    assert made(room, publish(room, with_header(url))).size == (500, 250)


@HERE
def test_a_photograph_stands_upright_and_its_camera_tells_nothing(room: Blog) -> None:
    url = room.site.route("/gate.jpg", lying((1600, 800)))
    one = made(room, publish(room, with_header(url)))

    assert one.size == (800, 1600)
    assert not one.getexif()
    assert one.convert("L").getpixel((400, 10)) < 60 < 200 < one.convert("L").getpixel((400, 1590))


@HERE
def test_an_animation_becomes_its_first_frame(room: Blog) -> None:
    url = room.site.route("/moving.gif", moving())
    one = made(room, publish(room, with_header(url)))
    red, green, blue = one.convert("RGB").getpixel((200, 100))

    assert getattr(one, "n_frames", 1) == 1
    assert red > 200 > 50 > max(green, blue)


@HERE
def test_what_can_be_seen_through_stays_a_png(room: Blog) -> None:
    url = room.site.route("/logo.png", see_through())
    one = made(room, publish(room, with_header(url)))

    assert one.format == "PNG"
    assert one.convert("RGBA").getpixel((20, 20))[3] == 0


@HERE
def test_pictures_in_the_body_are_served_here_too(room: Blog) -> None:
    url = room.site.route("/wide.webp", picture("WEBP", (1600, 800)))
    page = publish(room, f'<p>Words.</p><p><img src="{url}"></p>')

    assert made(room, page).size == (1200, 600)
    assert shown(page)[0][1:] == ("520", "260")


@HERE
def test_a_digest_shows_thumbnails_of_their_own_size_and_credits_them(room: Blog) -> None:
    url = room.site.route("/gate.jpg", picture(size=(2000, 1000)))
    other = room.site.route("/door.jpg", picture(size=(1000, 1000)))
    long = "<p>" + "Many words. " * 400 + "</p>"
    room.show(entry(1, html=with_header(url)), entry(2, html=with_header(other) + long))
    room.poll()
    page = html_of(room)

    assert made(room, page, 0).size == (1000, 1000)
    assert made(room, page, 1).size == (256, 128)
    text = room.mails()[-1].get_body(("plain",)).get_content()
    assert "Photo: J. Osei" in text
    assert "Photo: J. Osei" in page.text_content()


@HERE
def test_renditions_that_were_lost_are_made_again_for_the_next_mail(room: Blog, tmp_path: Path) -> None:
    url = room.site.route("/gate.jpg", picture())
    publish(room, with_header(url))
    for file in (tmp_path / "pictures").iterdir():
        file.unlink()
    room.show(entry(1), entry(2, html=with_header(url)))
    room.poll()

    assert asked(room) == ["/gate.jpg", "/gate.jpg"]
    assert made(room, html_of(room)).size == (1200, 600)


@HERE
def test_where_nothing_can_be_kept_the_publishers_own_picture_is_shown(room: Blog, tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file where the folder should be")
    url = room.site.route("/gate.jpg", picture())

    assert shown(publish(room, with_header(url))) == [(url, "600", None)]
    assert "could not be kept in images.folder" in found(room, url).reason


# --- What preview, trial and issue have in common ---


@HERE
def test_a_draft_and_the_mail_show_the_same_pictures(room: Blog) -> None:
    """The draft is made from what is kept: nothing is asked for while it is made."""
    url = room.site.route("/gate.jpg", picture())
    publish(room, with_header(url))
    before = len(room.site.asked)
    (due,) = [one for one in due_issues.upcoming(room.app.tools, room.clock()) if one.kind.value == "weekly"]
    draft = drafting.drafted(room.app.tools, due, cutoff=1)
    assert draft is not None
    (image,) = [item.image for item in draft.content.items]
    assert image is not None
    assert image.url == shown(html_of(room))[0][0]
    assert image.url in fitted(draft.content, draft.content.window, room.app.tools).rendering.html
    assert len(room.site.asked) == before


@HERE
def test_a_preview_shows_the_copies_that_would_be_sent_and_keeps_nothing(room: Blog) -> None:
    """The public pages need not run where an editor looks: the preview serves the copies itself."""
    url = room.site.route("/gate.jpg", picture())
    room.show(entry(1, html=with_header(url)))
    room.clock.pass_time(hours=2)
    app = room.app
    samples = Samples(app)
    visitor = TestClient(
        preview_app(samples, app.publication.name, app.templates, token="t", picture=app.picture)
    )
    visitor.get("/t/?mail=next-every-post")
    framed = lxml_html.document_fromstring(visitor.get("/t/frame?mail=next-every-post").text)
    src = framed.find(".//img").get("src")
    with app.database.read() as conn:
        assert store.kept(conn, [url]) == {}
    room.poll()

    assert visitor.get(f"/t/{src}").headers["content-type"] == "image/jpeg"
    assert visitor.get("/t/pictures/digest.toml").status_code == 404
    assert shown(html_of(room)) == [(f"{app.publication.public_url}/{src}", "600", "300")]


def test_a_trial_looks_at_pictures_as_an_issue_does(room: Blog) -> None:
    url = room.site.route("/gate.jpg", picture())
    room.show(entry(1, html=with_header(url)))
    room.clock.pass_time(hours=2)
    room.app.feed_desk.poll()
    room.app.send_trial("weekly", "ed@blog.example")

    assert shown(html_of(room)) == [(url, "600", "300")]


# --- The public pages ---


@HERE
def test_renditions_are_served_for_ever_and_nothing_else_is(room: Blog, tmp_path: Path) -> None:
    url = room.site.route("/gate.jpg", picture())
    src = shown(publish(room, with_header(url)))[0][0]
    path = src.removeprefix(room.app.publication.public_url)
    (tmp_path / "pictures" / "notes.txt").write_text("not ours to show")
    visitor = TestClient(create_app(room.app))
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    assert visitor.head(path).status_code == 200
    for other in ("notes.txt", "../digest.db", "%2e%2e%2fdigest.db", "0" * 40 + ".jpg", ""):
        assert visitor.get(f"/pictures/{other}").status_code == 404
