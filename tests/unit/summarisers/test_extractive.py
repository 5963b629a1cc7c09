from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Summary
from digest.summarisers.base import Summariser
from digest.summarisers.explanation import explain
from digest.summarisers.extractive import MAX_WORDS, Extractive
from digest.text.blocks import plain
from digest.text.words import length, tokens
from tests.unit.text_makers import make_post

BODY = """
<p>Photo by the county archive.</p>
<p>Hello and welcome back to the blog, dear readers of all ages.</p>
<p>However, nobody had asked the people who work on the landings.</p>
<h2>Key findings about staff</h2>
<p>The inspectorate found that prison staff spend half of every shift on paperwork rather than on
the landings. This is why they leave. Staff shortages in prisons are worst in the south, where rents
are highest and wages are the same as everywhere else.</p>
<ul><li>Recruitment slowed</li>
<li>Prison staff who stay longer than three years tend to stay for ten.</li></ul>
<p>Read on:</p>
<p>The weather was fine that week and the canteen served soup.</p>
<p>Subscribe to get every post by email.</p>
"""
POST = make_post(title="Why prison staff leave", html=BODY)


def summary_of(html: str, **changes: object) -> Summary:
    return Extractive().summarise(make_post(html=html, **changes), sentences=2)


def test_the_best_whole_sentences_are_taken_in_reading_order() -> None:
    summary = Extractive().summarise(POST, sentences=2)
    assert summary == Summary(
        text="The inspectorate found that prison staff spend half of every shift on paperwork rather than on"
        " the landings. Staff shortages in prisons are worst in the south, where rents are highest and wages"
        " are the same as everywhere else.",
        method="extract",
        source_hash=POST.content_hash,
    )


def test_one_sentence_is_one_sentence_and_three_are_at_most_three() -> None:
    assert Extractive().summarise(POST, sentences=1).text.count(".") == 1
    assert 1 < Extractive().summarise(POST, sentences=3).text.count(".") <= 3


def test_a_summariser_is_what_the_contract_says() -> None:
    summariser: Summariser = Extractive()
    assert summariser.name == "extractive"


def test_the_publishers_standfirst_wins() -> None:
    excerpt = "Half of every shift\n goes on paperwork, a new report says"
    post = replace(POST, excerpt=excerpt)
    summary = Extractive().summarise(post, sentences=2)
    assert summary.method == "standfirst"
    assert summary.text == "Half of every shift goes on paperwork, a new report says"


@pytest.mark.parametrize(
    "excerpt",
    [
        "The inspectorate found that prison staff spend half of every shift on […]",
        "The inspectorate found that prison staff spend half of every…",
        "The inspectorate found that prison staff spend half of every shift",
        "The inspectorate found that prison staff. Continue reading →",
        "Why prison staff LEAVE!",
        "Too short.",
        "Long " * 61 + "end.",
        "The post Why prison staff leave appeared first on Plain Justice.",
        "Three things that we learned this week:",
    ],
)
def test_a_short_text_that_nobody_wrote_for_the_post_does_not_win(excerpt: str) -> None:
    assert Extractive().summarise(replace(POST, excerpt=excerpt), sentences=2).method == "extract"


def test_whole_opening_sentences_may_be_a_standfirst() -> None:
    opening = "The weather was fine that week and the canteen served soup."
    assert Extractive().summarise(replace(POST, excerpt=opening), sentences=2).method == "standfirst"


def test_an_over_long_excerpt_is_summarised_where_the_feed_gives_no_body() -> None:
    excerpt = "Courts sat for fewer days this year than last. " + "The canteen served soup again. " * 12
    summary = summary_of("", excerpt=excerpt, title="Courts sat less")
    assert summary.text.startswith("Courts sat for fewer days this year than last.")
    assert summary.method == "extract"


def test_a_sentence_that_leans_comes_only_with_the_one_it_leans_on() -> None:
    pair = (
        "Prison staff leave for the railways. They earn a third more in their first year of driving trains."
    )
    title = "What staff earn more in the first year of driving trains"
    assert summary_of(f"<p>{pair}</p>", title=title).text == pair
    alone = "<p>They earn more on the railways than in prison.</p>"
    assert summary_of(alone) == Summary(text="", method="none", source_hash="a" * 64)
    apart = "<p>Prison staff leave for the railways.</p>" + pair.partition(". ")[2]
    assert summary_of(apart).text == "Prison staff leave for the railways."


def test_a_short_note_without_a_full_stop_is_its_own_summary() -> None:
    assert summary_of("<p>New paper on remand out today</p>").text == "New paper on remand out today"


def test_sentences_of_scripts_without_spaces_are_joined_without_one() -> None:
    html = "<p>法院今年开庭的天数比去年少了很多。监狱里的工作人员也比去年少得多。</p>"
    text = summary_of(html, language="zh", title="法院与监狱").text
    assert text == "法院今年开庭的天数比去年少了很多。监狱里的工作人员也比去年少得多。"


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<img src='https://blog.example/a.png' alt='The court'>",
        "<p>" + "word " * 10_000 + "</p>",
        "<ul><li>One</li><li>Two things</li></ul>",
        "<pre>print('this is code, not a sentence.')</pre>",
        "<table><tr><td>Sentences in cells are data for readers.</td></tr></table>",
        "<p>Why prison staff leave.</p>",
        "<p>https://www.blog.example/en/reports/courts/1234</p>",
        "<p>Watch “The court report of the week” on youtube.com</p>",
        "<p>(C) 2005 Harbour Records of Leeds.</p>",
        "<p>There is no excerpt because this is a protected post.</p>",
    ],
)
def test_a_post_without_a_sentence_to_take_has_no_summary(html: str) -> None:
    assert summary_of(html, title="Why prison staff leave").method == "none"


def test_a_sentence_is_never_taken_twice() -> None:
    html = "<p>Prison staff leave for the railways.</p>" * 3
    assert summary_of(html).text == "Prison staff leave for the railways."
    explained = explain(make_post(html=html), sentences=3).weighings
    assert [scored.reason for scored in explained] == ["", "repeated", "repeated"]


def test_a_sentence_is_not_added_for_the_sake_of_having_two() -> None:
    html = (
        "<p>Prison staff leave because half of each shift goes on paperwork.</p><p>Soup was served again.</p>"
    )
    text = summary_of(html, title="Why prison staff leave").text
    assert text == "Prison staff leave because half of each shift goes on paperwork."


@pytest.mark.parametrize(
    "weaker",
    [
        "<p><em>{}</em></p>",
        "<blockquote>{}</blockquote>",
        "<ul><li>{}</li></ul>",
    ],
)
def test_italics_quotations_and_list_items_count_less_than_running_text(weaker: str) -> None:
    sentence = "Prison staff leave for the railways."
    [plainly] = explain(make_post(html=f"<p>{sentence}</p>"), sentences=1).weighings
    [otherwise] = explain(make_post(html=weaker.format(sentence)), sentences=1).weighings
    assert otherwise.score < plainly.score


def test_explaining_shows_every_sentence_with_why() -> None:
    explained = explain(POST, sentences=2).weighings
    chosen = " ".join(scored.text for scored in explained if scored.chosen)
    assert chosen == Extractive().summarise(POST, sentences=2).text
    reasons = {scored.text: scored.reason for scored in explained}
    assert reasons["Photo by the county archive."] == "boilerplate"
    assert reasons["Recruitment slowed"] == "too short"
    assert reasons["Hello and welcome back to the blog, dear readers of all ages."] == "greeting"
    assert reasons["Read on:"] == "too short"
    assert {scored.block for scored in explained} == {"paragraph", "item"}
    assert all((scored.score == 0) == bool(scored.reason) for scored in explained)


def test_a_chosen_sentence_is_traced_to_its_paragraph_and_heading_with_a_score_that_adds_up() -> None:
    explained = explain(POST, sentences=2)
    assert explained.text == Extractive().summarise(POST, sentences=2).text
    assert explained.method == "extract"
    assert explained.standfirst == "the publisher gives none"
    assert [(each.paragraph, each.heading) for each in explained.chosen] == [
        (4, "Key findings about staff"),
        (4, "Key findings about staff"),
    ]
    for each in explained.chosen:
        assert each.score == pytest.approx(sum(part.points for part in each.parts))
        assert "words of the title" in {part.name for part in each.parts}
        assert all(part.points for part in each.parts)


def test_explaining_a_standfirst_says_so_and_chooses_nothing_else() -> None:
    post = replace(POST, excerpt="Half of every shift goes on paperwork.")
    explained = explain(post, sentences=2)
    assert (explained.text, explained.method, explained.standfirst) == (post.excerpt, "standfirst", "")
    assert explained.weighings
    assert explained.chosen == ()


def test_what_is_taken_from_the_publishers_short_text_stands_in_no_paragraph() -> None:
    excerpt = "Courts sat for fewer days this year than last. " + "The canteen served soup again. " * 12
    explained = explain(make_post(excerpt=excerpt), sentences=1)
    assert [(each.paragraph, each.heading) for each in explained.chosen] == [(0, "")]


def test_a_sentence_about_this_year_stands_alone() -> None:
    assert summary_of("<p>This year the courts sat for fewer days than ever before.</p>").method == "extract"
    assert summary_of("<p>These courts sat for fewer days than ever before.</p>").method == "none"


@pytest.mark.parametrize(
    ("html", "language", "text"),
    [
        (
            "<p>the court sat late on monday</p><p>the judge rose at nine</p>",
            "en",
            "the court sat late on monday",
        ),
        (
            "<p>The court sat late on Monday 🎉</p><p>Come 👋 and see the judge!</p>",
            "en",
            "The court sat late on Monday 🎉 Come 👋 and see the judge!",
        ),
        (
            "<p>“The court sat late.</p><p>Nobody knew why it had done so”, said the judge.</p>",
            "en",
            "",
        ),
        (
            "<p>Here we use the call of the court</p><pre>sit()</pre><p>The judge rose at nine then.</p>",
            "en",
            "The judge rose at nine then.",
        ),
        ("<p>There are two things to know:</p><ul><li>Courts sit</li><li>They rise</li></ul>", "en", ""),
        ("<p><a href='https://a.example/'>One</a></p><p><a href='https://b.example/'>Two</a></p>", "en", ""),
        ("<p>Use this:</p><pre>court = 'The court sat late.'</pre>", "en", ""),
        ("<p>🎉🎉🎉 🎉 🎉 🎉 🎉</p>", "en", ""),
        ("<p>بيت العدالة جلس هذا العام أياما أقل من العام الماضي.</p>", "ar", None),
        ("<p>בית המשפט ישב השנה פחות ימים מאשר בשנה שעברה.</p>", "he", None),
        (
            "<figure><img src='https://i.example/a.png'><figcaption>The sea is wide.</figcaption></figure>",
            "en",
            "",
        ),
    ],
)
def test_a_summary_of_odd_posts_is_whole_sentences_or_nothing(
    html: str, language: str, text: str | None
) -> None:
    summary = summary_of(html, title="T", language=language)
    assert summary.text == (plain(html) if text is None else text)


@pytest.mark.parametrize(
    ("title", "first"), [("Court rooms", "The judge of York"), ("courtroom is out", "courtroom is a hall")]
)
def test_a_sentence_that_lost_its_beginning_counts_less(title: str, first: str) -> None:
    html = "<p>courtroom is a hall in which judges sit. The judge of York is the one who sat in it.</p>"
    assert Extractive().summarise(make_post(html=html, title=title), sentences=1).text.startswith(first)


LONG = " ".join(f"The court sat on day {day} and heard about case {day}." for day in range(1000))


@pytest.mark.parametrize(
    ("html", "method"),
    [
        (f"<p>{LONG}</p>", "extract"),
        (f"<p>{'… ' * 300_000}</p>", "none"),
        (f"<p>Four words come first {'.' * 500_000}</p>", "none"),
        (f"<p>{'(' * 300_000}</p>", "none"),
        (f"<p>{'A. ' * 100_000}</p>", "none"),
        ("<div>" * 5000 + "Prison staff leave for the railways each year." + "</div>" * 5000, "none"),
        (
            "<p>Courts sat less this year. 法院今年开庭的天数比去年少。 Les tribunaux siègent moins.</p>",
            "extract",
        ),
        ("<p>courts sat less this year and nobody knew why it was so</p>" * 2, "extract"),
        ("<ul><li>First the courts sat less.</li><li>Second the judges left early.</li></ul>", "extract"),
        ("\x00<p", "none"),
    ],
)
def test_bad_input_gives_whole_sentences_or_an_honest_nothing(html: str, method: str) -> None:
    summary = summary_of(html, title="Courts")
    assert summary.method == method
    assert bool(summary.text) == (method == "extract")
    assert length(tokens(summary.text)) <= MAX_WORDS
    assert not summary.text or summary.text[-1] in ".。" or html.count(".") == 0


words = st.sampled_from(
    ["Prisons", "he", "This", "rose", "by", "5.", "U.S.", "why?", "刑事", "يوم", "\u202e", "…", ":", "(a"]
)
texts = st.lists(words, max_size=40).map(" ".join) | st.text(
    alphabet=st.characters(codec="utf-8"), max_size=200
)
bodies = st.lists(st.tuples(st.sampled_from(["p", "li", "blockquote", "h2", "pre"]), texts), max_size=8).map(
    lambda parts: "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts)
)


@settings(max_examples=150)
@given(bodies, texts, st.sampled_from(["en", "fr", "zh", "ar", ""]), st.integers(min_value=0, max_value=3))
def test_every_chosen_sentence_stands_in_the_post(html: str, title: str, language: str, limit: int) -> None:
    post = make_post(html=html, title=title, language=language)
    explained = explain(post, sentences=limit)
    chosen = explained.chosen
    assert all(scored.text in plain(html) and not scored.reason for scored in chosen)
    assert len(chosen) <= limit
    assert len(chosen) < 2 or length(tokens(" ".join(scored.text for scored in chosen))) <= MAX_WORDS
    assert explained == explain(post, sentences=limit)
