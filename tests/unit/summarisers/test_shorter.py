"""One call of a model serves every cadence: a shorter summary is the beginning of the longest."""

from __future__ import annotations

import pytest

from digest.model import Summary
from digest.summarisers.shorter import shorter
from tests.unit.text_makers import make_post

SENTENCE = "The bus heard 214 claims in its first six weeks on the road."
POST = make_post(html=f"<p>{SENTENCE} Nobody had to travel further than four miles to be heard.</p>")


def by_model(text: str) -> Summary:
    return Summary(text=text, method="model", source_hash=POST.content_hash, model="small")


@pytest.mark.parametrize(
    ("sentences", "text"), [(1, "One bus was heard."), (2, "One bus was heard. It was red.")]
)
def test_the_first_sentences_of_what_a_model_wrote_are_taken(sentences: int, text: str) -> None:
    longest = by_model("One bus was heard. It was red. Nobody knew.")
    assert shorter(longest, POST, sentences=sentences) == by_model(text)


def test_a_first_sentence_that_says_nothing_gives_way_to_the_extract_with_the_reason() -> None:
    given = shorter(by_model("No bus. The road was long and nobody was heard."), POST, sentences=1)
    assert (given.text, given.method, given.model) == (SENTENCE, "extract", "")
    assert given.reason == "what the model says first is too short to stand alone"


def test_why_there_is_no_model_s_summary_holds_for_the_shorter_one_too() -> None:
    longest = Summary(
        text="x", method="extract", source_hash=POST.content_hash, reason="it was down", again=True
    )
    given = shorter(longest, POST, sentences=1)
    assert (given.text, given.reason, given.again) == (SENTENCE, "it was down", True)
