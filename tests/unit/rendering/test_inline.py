"""premailer keeps what mail needs and drops nothing silently."""

import pytest

from digest.errors import TemplateFault
from digest.rendering.inline import DOCTYPE, inline

DARK = "@media (prefers-color-scheme:dark){.a{color:#ffffff!important}}"
PAGE = (
    f'{DOCTYPE}\n<html lang="en"><head><title>x</title>\n\n'
    "<!--[if mso]><style>td{color:red}</style><![endif]-->"
    f'<style data-premailer="ignore">{DARK}</style></head><body><p class="a">'
    '<a href="@@0123456789abcdef:unsubscribe_url@@">{{ not ours }}</a><img src="https://e.example/a.jpg" '
    'width="600" height="300" class="b"></p></body></html>'
)
CSS = ".a { color: #123456 } .b { width: 100%; height: auto }"


def test_rules_become_attributes_and_the_rest_survives():
    html = inline(PAGE, CSS)
    assert html.startswith(DOCTYPE)
    assert '<p class="a" style="color:#123456">' in html
    assert f"<style>{DARK}</style>" in html
    assert "<!--[if mso]><style>td{color:red}</style><![endif]-->" in html
    assert 'href="@@0123456789abcdef:unsubscribe_url@@"' in html
    assert 'width="600" height="300"' in html
    assert "\n\n" not in html


def test_a_posts_own_braces_are_only_words():
    assert "{{ not ours }}" in inline(PAGE, CSS)


@pytest.mark.parametrize("html", ["<!doctype html><html></html>", " " + PAGE, "<html></html>"])
def test_a_mail_without_its_doctype_is_refused(html):
    with pytest.raises(TemplateFault, match="starts with exactly"):
        inline(html, CSS)


@pytest.mark.parametrize("css", [".a{color:{{ light.ink }}}", "{% if x %}"])
def test_an_unrendered_stylesheet_is_refused(css):
    with pytest.raises(TemplateFault, match="template marks"):
        inline(PAGE, css)


def test_hosts_are_written_in_ascii_and_odd_ones_left_alone():
    odd = "https://" + "ü" * 64 + ".example/"
    links = f'<a href="https://bücher.example/ä">a</a><a href="{odd}">b</a>'
    html = inline(f"{DOCTYPE}<html><body>{links}</body></html>", "")
    assert 'href="https://xn--bcher-kva.example/%C3%A4"' in html
    assert 'href="https://%C3%BC' in html
