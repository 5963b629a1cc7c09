from __future__ import annotations

import pytest

from digest.summarisers import signals


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "This is why it failed."),
        ("en", "He never came back."),
        ("en-GB", "“However, the court disagreed.”"),
        ("en", "In addition, rents rose."),
        ("xx", "They left early."),
        ("fr", "C’est une erreur."),
        ("de", "Das ist falsch."),
        ("es", "Por eso cerró."),
        ("pt", "No entanto, cresceu."),
        ("it", "Questo non basta."),
        ("nl", "Dit werkt niet."),
        ("cs", "A právě v tom je potíž."),
        ("pl", "Dlatego zamknięto sąd."),
        ("ru", "Поэтому суд закрыли."),
        ("ar", "لكن المحكمة رفضت."),
        ("ar", "على سبيل المثال، أُغلقت المحكمة."),
        ("it", "Ad esempio, il tribunale chiuse."),
        ("hi", "लेकिन अदालत ने मना किया।"),
        ("hi", "उदाहरण के लिए, अदालत बंद थी।"),
        ("ja", "しかし裁判所は拒否した。"),
        ("zh", "但是法院拒绝了。"),
    ],
)
def test_an_opening_that_needs_the_sentence_before_leans(language: str, sentence: str) -> None:
    assert signals.leans(sentence, language)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "This post explains the new rules."),
        ("en", "Thistles grow in the yard."),
        ("en", "Helen Ward chairs the board."),
        ("fr", "Cet article présente la réforme."),
        ("de", "Dieser Artikel zeigt die Folgen."),
        ("de", "Der Richter kam spät."),
        ("nl", "Hijskranen staan stil."),
    ],
)
def test_an_opening_that_stands_alone_does_not_lean(language: str, sentence: str) -> None:
    assert not signals.leans(sentence, language)


@pytest.mark.parametrize(
    "sentence",
    [
        "Photo by Ann Lee on a free site.",
        "Image credit: the county archive.",
        "The post Women in prison appeared first on Plain Justice.",
        "Subscribe to get every post by email.",
        "Update (3 March): the report is out.",
        "Written by Eleanor Marsh.",
        "Lire la suite de cet article sur le site.",
        "Bildnachweis: Stadtarchiv.",
        "点击订阅。",
    ],
)
def test_credits_and_calls_to_action_are_boilerplate(sentence: str) -> None:
    assert signals.is_boilerplate(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "By 2027 the prison population will pass 100,000.",
        "The report was published last week.",
        "Updated guidance reached courts in May.",
        "A source of income matters after release.",
        "Photographs may be used in court.",
    ],
)
def test_ordinary_sentences_are_not_boilerplate(sentence: str) -> None:
    assert not signals.is_boilerplate(sentence)


def test_each_signal_tells_its_sentence_from_another() -> None:
    assert signals.announces("In this post we look at bail.")
    assert not signals.announces("Bail was refused.")
    assert signals.greets("Hello everyone!")
    assert not signals.greets("History matters.")
    assert signals.asks("Who pays?”")
    assert not signals.asks("We pay.")
    assert signals.is_quoted("“We did.”")
    assert not signals.is_quoted("We did.")
    assert signals.is_listed("6. Working with others.")
    assert signals.is_listed("• Trust in the service.")
    assert not signals.is_listed("6.5 million people voted.")
    assert signals.is_raw("See https://blog.example for more.")
    assert signals.is_raw("12 13 14 15 up.")
    assert not signals.is_raw("There are 12 courts in the county.")
