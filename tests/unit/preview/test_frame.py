import pytest

from digest.preview.frame import Scheme, frame_document, frame_headers

DARK_RULE = "<style>@media (prefers-color-scheme: dark){p{color:#fff}}</style>"


@pytest.mark.parametrize(("scheme", "width"), [(Scheme.DARK, 0), (Scheme.LIGHT, 999999)])
def test_the_wanted_scheme_is_written_into_the_media_queries(scheme, width):
    html = f'<head>{DARK_RULE}</head><source media="(prefers-color-scheme:dark)">'

    assert frame_document(html, scheme) == (
        f'<head><base target="_blank"><style>:root{{color-scheme:{scheme}!important}}</style>'
        f"<style>@media (min-width:{width}px){{p{{color:#fff}}}}</style></head>"
        f'<source media="(min-width:{width}px)">'
    )


def test_words_about_colour_schemes_are_left_alone():
    html = "<head></head><p>Write (prefers-color-scheme: dark)</p>"

    assert "<p>Write (prefers-color-scheme: dark)</p>" in frame_document(html, Scheme.DARK)


@pytest.mark.parametrize(
    ("html", "framed"),
    [
        ('<!doctype html><html><head dir="ltr"><p>', '<!doctype html><html><head dir="ltr">[]<p>'),
        ("<!DOCTYPE html><p>", "<!DOCTYPE html>[]<p>"),
        ("<header>Words</header>", "[]<header>Words</header>"),
    ],
)
def test_links_are_aimed_at_a_new_tab_from_the_first_place_in_the_head(html, framed):
    assert frame_document(html, Scheme.LIGHT) == framed.replace("[]", '<base target="_blank">')


def test_a_frame_has_no_right_but_the_one_it_is_given():
    closed, open_ = (frame_headers(links_open=which)["Content-Security-Policy"] for which in (False, True))

    assert closed.endswith("; sandbox")
    assert open_.endswith("; sandbox allow-popups allow-popups-to-escape-sandbox")
    assert "allow-scripts" not in closed + open_
    assert "allow-same-origin" not in closed + open_
    assert closed.startswith("default-src 'none';")
