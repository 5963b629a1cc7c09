"""What a model is asked about a post, and what is made of its answer."""

from __future__ import annotations

import pytest

from digest.summarisers import prompt
from tests.model_servers import answer
from tests.unit.text_makers import make_post

HTML = (
    "<p>The inspectors visited three prisons in Leeds. They found that 1,200 cells had no working lock.</p>"
    "<p>Staff knew of it, and the governor had asked for the money four times.</p>"
)
QUOTE = "1,200 cells had no working lock"
GOOD = "The inspectors found that 1,200 cells in Leeds had no working lock."
POST = make_post(title="Doors", html=HTML)


def asked(html: str = HTML, *, sentences: int = 2, max_words: int = 6000) -> prompt.Question:
    return prompt.question(
        make_post(title="Doors", html=html), sentences=sentences, marker="m4rk", max_words=max_words
    )


def test_a_post_stands_between_markers_as_plain_text() -> None:
    question = asked("<p>One &amp; <b>two</b>.</p><!-- three --><script>four()</script><p>Five.</p>")
    assert question.text == "[m4rk]\nDoors\n\nOne & two.\nFive.\n[m4rk]"
    assert "m4rk" in question.task


def test_characters_that_nobody_sees_are_not_sent() -> None:
    tagged = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    question = asked(f"<p>Plain\u202e{tagged}\u2066 words\ue000 stay\u200d here.</p>")
    assert question.source == "Plain words stay\u200d here."


def test_a_long_post_is_cut_at_a_word() -> None:
    question = asked("<p>" + "evening light " * 500 + "</p>", max_words=50)
    words = question.source.split()
    assert 45 <= len(words) <= 50
    assert set(words) == {"evening", "light"}


def test_a_long_post_without_spaces_is_cut_too() -> None:
    assert 100 <= len(asked("<p>" + "夜" * 5000 + "</p>", max_words=50).source) <= 120


def test_a_post_without_a_body_is_asked_about_by_its_excerpt() -> None:
    post = make_post(excerpt="Only this is known of it.")
    assert prompt.question(post, sentences=1, marker="m", max_words=9).source == "Only this is known of it."


def test_the_number_of_sentences_is_said_in_words() -> None:
    assert "summary: one sentence, at" in asked(sentences=1).task
    assert "summary: one to 3 sentences, at" in asked(sentences=3).task


def test_the_language_of_a_post_that_names_none_is_found_out() -> None:
    german = (
        "<p>Die Inspektoren haben in den Zellen nicht ein Schloss gefunden, das noch ging, und sie sagen, \
dass es die Leute auch wussten, aber nicht die Zeit hatten, um es zu melden.</p>"
    )
    post = make_post(title="Türen", html=german, language="")
    assert prompt.question(post, sentences=1, marker="m", max_words=99).language == "de"


def test_a_good_answer_is_taken() -> None:
    assert prompt.read(answer(GOOD, QUOTE), asked()) == prompt.Written(summary=GOOD, evidence=(QUOTE,))


def test_a_good_answer_in_a_fence_is_taken() -> None:
    assert prompt.read(f"Here you are:\n```json\n{answer(GOOD, QUOTE)}\n```", asked()).faults == ()


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("", "an empty answer"),
        (" \n", "an empty answer"),
        ("x" * 100_000, "a far too long answer"),
        (GOOD, "an answer that is not the JSON object asked for"),
        ("[1, 2]", "an answer that is not the JSON object asked for"),
        ('{"summary": "cut of', "an answer that is not the JSON object asked for"),
        ('{"a":' * 1100 + "1" + "}" * 90, "an answer that is not the JSON object asked for"),
        ('{"summary": 5, "evidence": []}', "an answer that is not the JSON object asked for"),
        (f'{{"summary": "{GOOD}"}}', "an answer that is not the JSON object asked for"),
        (answer(GOOD), "a sentence without evidence"),
        (f'{{"summary": "{GOOD}", "evidence": [5]}}', "a sentence without evidence"),
        (answer(GOOD, "nobody said this"), "evidence that is not in the post"),
        (answer(GOOD.replace("1,200", "1,900"), QUOTE), "numbers that are not in the post: 1900"),
        (answer(f"{GOOD} Staff knew of it. They asked.", QUOTE, QUOTE, QUOTE), "more than 2 sentences"),
    ],
)
def test_an_answer_that_cannot_be_shown_says_why(said: str, fault: str) -> None:
    assert fault in prompt.read(said, asked()).faults


def test_one_sentence_too_many_is_told_as_such() -> None:
    two = answer(f"{GOOD} Staff knew of it then.", QUOTE, "Staff knew of it")
    assert "more than 1 sentence" in prompt.read(two, asked(sentences=1)).faults


def test_the_second_question_gives_the_reasons() -> None:
    assert prompt.again(("this", "that")).startswith("This answer cannot be used: this; that.")
