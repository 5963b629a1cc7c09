"""An edition becomes a mail that reads well everywhere, and a page of the archive."""

import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import html as lxml_html

from digest.errors import TemplateFault
from digest.model import IssueKind, Section
from digest.rendering.issue import contents, render_issue, render_web, source_css
from digest.template_files import read_templates
from tests.factories_mail import LEAD, THEMES, arabic, digest, image, item, publication, single

GOLDEN = Path(__file__).parents[2] / "golden"
TEMPLATES = read_templates()


def rendered(edition=None, pub=None):
    return render_issue(edition or digest(), pub or publication(), TEMPLATES)


def page(markup: str):
    return lxml_html.document_fromstring(markup)


EDITIONS = {"digest": (digest(), publication()), "post": (single(), publication()),
            "digest-rtl": (arabic(), publication(language="ar"))}  # fmt: skip


@pytest.mark.parametrize("name", EDITIONS)
@pytest.mark.parametrize("part", ["html", "txt", "web.html"])
def test_mails_look_as_they_did(name, part):
    """A change here is a change every reader sees: look at it, then run with UPDATE_GOLDEN=1."""
    edition, pub = EDITIONS[name]
    made = rendered(edition, pub)
    fresh = {"html": made.html, "txt": made.text, "web.html": render_web(edition, pub, TEMPLATES)}[part]
    # The nonce depends on every template, so it would change all files at each edit.
    fresh = fresh.replace(made.nonce, "0" * 16)
    file = GOLDEN / f"{name}.{part}"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(fresh, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == fresh


def test_equal_input_gives_equal_output():
    assert rendered() == rendered()
    assert rendered().nonce != rendered(digest(intro="Another.")).nonce


def test_sizes_keep_clear_of_clipping():
    assert len(rendered().html.encode()) <= 42_000
    styles = re.findall(r"<style>(.*?)</style>", rendered().html, re.DOTALL)
    assert sum(map(len, styles)) <= 6_000


@pytest.mark.parametrize("edition", [digest(), single()])
def test_the_frame_is_right_for_clients_and_screen_readers(edition):
    markup = rendered(edition).html
    assert markup.startswith("<!DOCTYPE html>\n")
    tree = page(markup)
    assert tree.findtext(".//title") == edition.subject
    (wrapper,) = tree.body
    assert (wrapper.get("lang"), wrapper.get("dir"), wrapper.get("aria-label")) == (
        "en-GB",
        "ltr",
        edition.subject,
    )
    assert len(tree.findall(".//h1")) == 1
    for table in tree.iter("table"):
        assert table.get("role") == "presentation" or table.find(".//th") is not None
    assert all(image.get("alt") is not None for image in tree.iter("img"))
    assert markup.count("<!--[if mso]>") == markup.count("<![endif]-->")
    assert "url(" not in markup


def test_both_parts_carry_the_same_links():
    made = rendered()
    links = {link for _, _, link, _ in lxml_html.iterlinks(made.html) if "/img/" not in link}
    missing = links - set(made.text.split())
    assert missing == {"https://quietbench.example/"}  # the site itself, linked from its name


def test_every_issue_has_a_visible_unsubscribe_link_in_both_parts():
    for edition in (digest(), single()):
        made = rendered(edition)
        assert f'href="@@{made.nonce}:unsubscribe_url@@"' in made.html
        assert f"\n@@{made.nonce}:unsubscribe_url@@\n" in made.text


SECTIONS = (
    "<p>" + "The court sat late. " * 30 + "</p><h2>Costs</h2><p>" + "The bill was paid. " * 200 + "</p>"
)


def test_a_mail_of_one_post_shows_its_first_section_and_leads_to_the_rest():
    long = single(lead=replace(LEAD, html=SECTIONS))
    made, web = rendered(long), render_web(long, publication(), TEMPLATES)
    for shown in (made.html, made.text, web):
        assert "The court sat late." in shown
        assert "The bill was paid." not in shown
    [button] = [link for link in page(made.html).iter("a") if "Continue" in link.text_content()]
    assert (button.get("href"), button.text_content()) == (LEAD.link, "Continue reading (3 min left)")
    assert f"\n\nContinue reading (3 min left)\n{LEAD.link}\n" in made.text
    assert ">Continue reading (3 min left)</a>" in web


def test_whole_posts_are_a_setting_and_short_ones_are_always_whole():
    long = single(lead=replace(LEAD, html=SECTIONS))
    made = rendered(long, publication(every_post="whole"))
    for shown in (made.html, made.text):
        assert " ".join(shown.split()).count("The bill was paid.") == 200
    for whole in (made, rendered(single())):
        assert "Read this post on the web" in whole.html
        assert "Continue reading" not in whole.html + whole.text


def test_text_keeps_to_72_columns_and_urls_stand_alone():
    for line in rendered().text.splitlines():
        assert len(line) <= 72 or line.startswith(("http", "Read online: http"))


def test_what_a_feed_says_cannot_become_markup():
    evil = item(9, "<script>alert(1)</script> & {{ 7 * 7 }}", summary='"><img src=x>', theme_key="prisons")
    edition = digest(sections=(Section(theme=THEMES["prisons"], sponsor=None, items=(evil,)),))
    markup = rendered(edition).html
    assert "<script>alert" not in markup
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{ 7 * 7 }}" in markup
    assert '"><img src=x>' not in markup


def test_pictures_keep_their_shape():
    sections = (
        Section(theme=None, sponsor=None, items=(
            item(8, "Tall", image=image("tall", width=600, height=900), theme_key="prisons"),
            item(9, "Unknown", image=image("unknown", width=None, height=None)),
        )),
    )  # fmt: skip
    markup = rendered(digest(sections=sections)).html
    assert 'tall.jpg" width="85" height="128"' in markup
    assert 'unknown.jpg" width="128" alt=""' in markup
    assert 'lead.jpg" width="600" height="300"' in markup


def test_short_editions_have_no_contents_and_no_second_title():
    alone = digest(title=LEAD.title, intro="", sections=(), count=1)
    markup = rendered(alone).html
    assert "In this issue" not in markup
    assert len(page(markup).findall(".//h1")) == 1
    assert rendered(alone).text.count(LEAD.title) == 2  # as the title, and as the lead with its link


def test_contents_put_the_lead_first_in_its_theme_and_stop_at_twelve():
    many = tuple(item(n, f"Post {n}", theme_key="prisons") for n in range(10, 30))
    sections = (
        Section(theme=THEMES["prisons"], sponsor=None, items=many),
        Section(theme=THEMES["on-probation"], sponsor=None, items=(item(40, "Other"),)),
        Section(theme=None, sponsor=None, items=(item(41, "Last"),)),
    )
    groups = contents(digest(sections=sections, count=23))
    assert [(group.name, len(group.items), group.more) for group in groups] == [
        ("On Probation", 2, 0), ("Prisons", 10, 10), ("", 0, 1),
    ]  # fmt: skip
    assert groups[0].items[0] == LEAD


def test_contents_name_the_leads_theme_even_when_nothing_else_is_in_it():
    groups = contents(digest(sections=(), count=1))
    assert [(group.name, group.items) for group in groups] == [("On Probation", [LEAD])]
    assert contents(digest(lead=None, sections=(), count=0)) == []


@pytest.mark.parametrize(
    ("kind", "words", "also"),
    [
        (IssueKind.DAILY, "Daily digest · 8–14 June 2026", "Also today"),
        (IssueKind.WEEKLY, "Weekly digest · 8–14 June 2026", "Also this week"),
        (IssueKind.FORTNIGHTLY, "Fortnightly digest · 8–14 June 2026", "Also new"),
        (IssueKind.MONTHLY, "Monthly digest · June 2026", "Also this month"),
        (IssueKind.TEST, "New posts · 8–14 June 2026", "Also new"),
    ],
)
def test_the_masthead_says_what_sort_of_issue_it_is(kind, words, also):
    few = (Section(theme=None, sponsor=None, items=(item(8, "A", theme_key="courts"), item(9, "B"))),)
    made = rendered(digest(kind=kind, sections=few, left_out=3, count=3))
    for part in (made.html.replace("\u2009", " "), made.text.replace("\u2009", " ")):
        assert words in part
    assert also in made.html
    assert also.upper() in made.text
    assert "3 older posts did not fit" in made.text


def test_a_post_in_another_language_says_so():
    arabic = replace(LEAD, language="ar", direction="rtl")
    markup = rendered(single(lead=arabic)).html
    assert re.search(r'<td class="px body"[^>]* lang="ar" dir="rtl"', markup)
    assert "padding-right:26px" in markup


def test_an_edition_without_lead_or_extras_still_renders():
    bare = publication(tagline="", author="", postal_address="", privacy_url="", reply_to="")
    empty_item = item(8, "Only a title")
    edition = digest(
        lead=None, sponsor=None, count=1, left_out=1, period_start=None,
        sections=(Section(theme=None, sponsor=None, items=(empty_item,)),),
    )  # fmt: skip
    assert "Only a title" in rendered(edition, bare).text
    plain = single(lead=item(1, "Short", published_on=date(2026, 6, 9)), sponsor=None, intro="Hello.")
    assert "Hello." in rendered(plain, bare).html
    assert "Short" in render_web(plain, bare, TEMPLATES)


def test_the_archive_page_has_anchors_and_nothing_personal_nor_inline():
    markup = render_web(digest(), publication(), TEMPLATES)
    tree = page(markup)
    assert markup.startswith("<!DOCTYPE html>")
    assert "@@" not in markup
    assert tree.xpath("//@style|//style|//script") == []
    assert "style=" not in render_web(single(), publication(), TEMPLATES)
    for target in tree.xpath("//nav//a/@href"):
        assert tree.get_element_by_id(target.removeprefix("#")) is not None
    assert len(tree.findall(".//h1")) == 1
    assert tree.xpath("//aside//a[@rel='sponsored']")


def test_a_broken_template_of_the_operator_is_named():
    with pytest.raises(TemplateFault) as caught:
        render_issue(digest(), publication(), TEMPLATES | {"email/digest/body.html": "{{ nonsense }}"})
    assert caught.value.template == "email/digest/body.html"


def test_the_stylesheet_before_inlining_can_be_compared_with_what_became_of_it():
    css = source_css(digest(), publication(), TEMPLATES)
    assert ".h2lead {" in css
    assert "{{" not in css
