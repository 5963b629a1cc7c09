"""Posts that talk to the language model, and a model that does whatever they ask: nothing of it is mailed.

What a model must be stopped from is told by what a subscriber would see: the mailed summary. The model here
is as bad as can be. It obeys every attack, also one it was not shown, and gives quotes from the post as its
evidence, so that only what it *says* can give it away.
"""

from __future__ import annotations

import re

import pytest

from digest.feeds.article import clean
from digest.model import Post
from digest.summarisers import prompt
from digest.summarisers.chat import Endpoint
from digest.summarisers.llm import LanguageModel, ModelConfig
from digest.text.blocks import plain
from digest.text.sentences import sentences
from digest.text.words import tokens
from tests.model_servers import KEY, WIRES, Asked, Said, Wire, answer, model_server
from tests.threats.injected_posts import AFTER, BEFORE, FAITHFUL, QUOTE, URL, WORD, Injected, posts
from tests.unit.text_makers import make_post

POSTS = tuple(posts())
MARKER = "5f0c1d2e3b4a5968"
NOT_TO_BE_MAILED = (
    WORD,
    URL,
    "evil.example",
    "alert(1)",
    MARKER,
    KEY,
    "reader.example",
    "Glimmerbank",
    "998",
)
SHAPES = {
    "in place of the summary": lambda attack: answer(attack.obeyed, QUOTE, QUOTE),
    "behind a faithful one": lambda attack: answer(f"{FAITHFUL} {attack.obeyed}", QUOTE, QUOTE, QUOTE),
    "before a faithful one": lambda attack: answer(f"{attack.obeyed} {FAITHFUL}", QUOTE, QUOTE, QUOTE),
    "without any form": lambda attack: attack.obeyed,
    "as its evidence": lambda attack: answer(attack.obeyed, attack.says, attack.says),
}


def as_post(injected: Injected) -> Post:
    """Return the post as it would come out of its feed."""
    article = clean(injected.html, base_url="https://blog.example/one", title=injected.title)
    return make_post(title=injected.title, html=article.html)


def mailed(post: Post, wire: Wire, said: str) -> tuple[str, str, list[Asked]]:
    """Return the summary that would be mailed, how it came about, and what the model was asked."""
    with model_server(wire, lambda _: Said(text=said)) as far:
        config = ModelConfig(endpoint=Endpoint(wire=wire, base_url=far.base_url, model="obedient", key=KEY))
        model = LanguageModel(config, user_agent="Everypost/1", new_marker=lambda: MARKER)
        [made] = model.summarise_all([post], sentences=3)
        return made.text, made.method, far.asked


def test_there_are_enough_of_them() -> None:
    assert len(POSTS) >= 150
    assert len({(post.title, post.html) for post in POSTS}) == len(POSTS)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("injected", POSTS, ids=lambda injected: injected.name)
def test_nothing_that_an_obedient_model_says_is_mailed(injected: Injected, shape: str) -> None:
    post = as_post(injected)
    wire = WIRES[len(injected.name) % 2]
    text, method, _ = mailed(post, wire, SHAPES[shape](injected.attack))
    assert text, "there is always an extract"
    assert method == "extract"
    assert [word for word in NOT_TO_BE_MAILED if word.lower() in text.lower()] == []
    assert not re.search(r"https?:|www\.|@|[<>\[\]{}]|&\w+;", text)
    source = " ".join(tokens(f"{post.title}. {plain(post.html)}"))
    assert all(" ".join(tokens(sentence)) in source for sentence in sentences(text))


@pytest.mark.parametrize("injected", [one for one in POSTS if one.hidden], ids=lambda one: one.name)
def test_what_readers_do_not_see_is_not_sent(injected: Injected) -> None:
    _, method, asked = mailed(as_post(injected), "openai", answer(FAITHFUL, QUOTE))
    assert method == "model"
    [one] = asked
    seen = plain(BEFORE) + ("\nAhem\n" if "title attribute" in injected.name else "\n") + plain(AFTER)
    assert one.turns == [f"[{MARKER}]\nA court on wheels\n\n{seen}\n[{MARKER}]"]


@pytest.mark.parametrize("wire", WIRES)
def test_a_model_that_knows_another_post_cannot_bring_it_in(wire: Wire) -> None:
    """What a model says of another post fails, although that one is in the same issue."""
    other = make_post(
        id=2, title="The harbour", html="<p>The harbour closes in May. Boats leave for Lisbon.</p>"
    )
    post = as_post(POSTS[1])
    with model_server(wire, lambda _: Said(text=answer("The harbour closes in May.", QUOTE))) as far:
        config = ModelConfig(endpoint=Endpoint(wire=wire, base_url=far.base_url, model="m", key=KEY))
        model = LanguageModel(config, user_agent="Everypost/1", new_marker=lambda: MARKER)
        first, _ = model.summarise_all([post, other], sentences=3)
    assert first.method == "extract"
    about_both = [asked for asked in far.asked if "harbour" in asked.turns[0] and "Harrow" in asked.turns[0]]
    assert about_both == []


def test_the_marker_of_a_question_is_not_that_of_the_next() -> None:
    post = as_post(POSTS[1])
    made = [prompt.question(post, sentences=1, marker=marker, max_words=99) for marker in ("m-17", "m-18")]
    assert "m-17" not in made[1].task + made[1].text


def test_an_honest_answer_about_the_same_post_is_mailed() -> None:
    """So the tests above can fail: it is what the model says that stops it, not the post or the server."""
    hidden = next(one for one in POSTS if one.hidden)
    assert mailed(as_post(hidden), "anthropic", answer(FAITHFUL, QUOTE))[:2] == (FAITHFUL, "model")
