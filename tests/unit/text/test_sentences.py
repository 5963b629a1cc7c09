from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.sentences import is_finished, sentences
from digest.text.words import normalised

CASES = [
    ("en", ["Dr. Osei saw Mr. Hall at 4 p.m. on Monday.", "Nothing was agreed."]),
    ("en", ["Write to the clerk, e.g. by post, before Friday.", "Copies cost nothing."]),
    ("en", ["The figure rose by approx. 300 places, incl. open prisons.", "It fell again."]),
    ("en", ["Rule No. 7 still applies.", "Few know it."]),
    ("en", ["W. E. B. Du Bois wrote about it.", "So did others."]),
    ("en", ["Both ASP.NET and Node.js were used.", "Neither lasted."]),
    ("en", ["(It was a trial. It ended early.)", "Numbers are small."]),
    ("en", ["“Who paid?” she asked.", "“We did,” he said."]),
    ("en", ["Rents rose.", "iPad sales did not."]),
    ("en", ["The court (see Smith. Jones disagrees) was split.", "It rose."]),
    ("en", ["There is no plan B.", "The rest is hope."]),
    ("en", ["1. Introduction ends.", "The rest begins."]),
    ("fr", ["M. Dupont préside la cour.", "Mme Leroy l'assiste."]),
    ("fr", ["L'art. 12 le permet.", "Qu'en dit le juge ?", "Rien."]),
    ("fr", ["« Pourquoi ? » demande-t-elle.", "Personne ne répond."]),
    ("fr", ["Ouvrez la fenêtre (menu Options...) du tribunal.", "Elle est vide."]),
    ("zh", ["他问『这行吗？』。", "没人回答。"]),
    ("en", ["Is it fair? or is it only cheap?", "Courts differ."]),
    ("de", ["Das gilt z. B. für Berlin.", "Am 3. Oktober ist frei."]),
    ("de", ["Nach Art. 15 Abs. 1 geht das.", "Dr. Weiß stimmt zu."]),
    ("es", ["El Sr. García vino.", "Véase la pág. 4 del informe."]),
    ("pt", ["A Sra. Lima saiu.", "Veja a pág. 3 do livro."]),
    ("it", ["Il dott. Rossi è qui.", "Ha firmato l'art. 5 ieri."]),
    ("nl", ["Dhr. Jansen woont in Utrecht.", "Hij is advocaat."]),
    ("pl", ["Pracuje np. w sądzie.", "Mieszka na ul. Długiej."]),
    ("ru", ["Он живёт на ул. Мира.", "А. С. Грин писал о море."]),
    ("ar", ["هذا تقرير جديد.", "هل قرأته؟", "نعم!"]),
    ("hi", ["यह नई रिपोर्ट है।", "क्या आपने पढ़ी?", "हाँ।"]),
    ("ja", ["これは新しい報告です。", "読みましたか？", "はい。"]),
    ("ja", ["彼女は「読んだ。」と言った。", "そして帰った。"]),
    ("zh", ["这是新报告。", "你读了吗？", "读了！"]),
    ("en", ["“Is it fair?” Mary Hall asked the panel.", "Nobody spoke."]),
    ("en", ["We saw him long ago.", "5 people came."]),
    ("en", ["He works at Harbour Ltd.", "The firm is small."]),
    ("en", ["It met on Oct. 5 in Leeds.", "Few came."]),
    ("en", ["It used eBay.", "eBay won."]),
    ("fr", ["Il habite av. Foch depuis 2010.", "Le loyer est élevé."]),
    ("de", ["Es kamen 20.", "Der Rest blieb fern."]),
    ("de", ["Sie wählte Variante B.", "Das war klug."]),
    ("es", ["Llegó el 5 dic. 2019 a Lima.", "No se quedó."]),
    ("pt", ["Foi em 3 out. 2021.", "Depois choveu."]),
    ("pl", ["Było to w 2010 r.", "Potem zamknięto sąd."]),
    ("ru", ["Это было в 2010 г.", "Потом суд закрыли."]),
    ("ar", ["قال د. أحمد ذلك.", "ثم خرج."]),
    ("hi", ["डॉ. शर्मा आए।", "वे चले गए।"]),
    ("ja", ["「行く。」と彼は言った。", "次です！", "どうして?", "知りません。"]),
    ("en", ["Wait...", "— 12 came."]),
    ("en", ["It ended.", "…"]),
    ("en", ["It ended.", "—"]),
    ("de", ["„Gut.“ “so.“", "Es war so."]),
]


@pytest.mark.parametrize(("language", "expected"), CASES)
def test_a_paragraph_is_cut_into_its_sentences(language: str, expected: list[str]) -> None:
    paragraph = ("" if language in {"ja", "zh"} else " ").join(expected)
    assert sentences(paragraph, language) == tuple(expected)


@pytest.mark.parametrize("language", ["", "xx", "en-GB", "not a tag", "zh-Hant-TW"])
def test_an_unknown_or_regional_language_is_read_by_the_common_rules(language: str) -> None:
    assert sentences("It rained. We left.", language) == ("It rained.", "We left.")


def test_nothing_is_cut_where_no_mark_stands() -> None:
    assert sentences("Posez (A - 0) / (196.8 - 0) * 2", "fr") == ("Posez (A - 0) / (196.8 - 0) * 2",)


def test_a_sentence_is_finished_by_the_mark_of_its_script() -> None:
    finished = ["It ended.", "It ended.)", "“Did it?”", "समाप्त हुआ।", "结束了。", "انتهى؟", "Oh…"]
    assert all(map(is_finished, finished))
    assert not any(map(is_finished, ["", "It ended", "Three things:", "First,"]))


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert sentences(text, "en") == ()


def test_ten_thousand_words_without_a_mark_are_one_sentence() -> None:
    assert len(sentences("word " * 10_000, "en")) == 1


@given(st.text(alphabet=st.characters(codec="utf-8")), st.sampled_from(["", "en", "de", "ja", "ar", "pl"]))
def test_sentences_hold_every_character_of_the_block_in_order(text: str, language: str) -> None:
    found = sentences(text, language)
    assert "".join("".join(found).split()) == "".join(normalised(text).split())
    assert all(sentence in normalised(text) for sentence in found)
