"""Samples of real-looking text, and what they are written in."""

from __future__ import annotations

import pytest

from digest.text.languages import direction_of, language_of, sure_language_of

LONG = {
    "en": "The report was written for the people who work in the courts, and it says what they can do with it.",
    "de": "Der Bericht ist für die Menschen, die mit dem Gericht zu tun haben, und er sagt auch, was noch nicht geht.",
    "fr": "Le rapport est écrit pour les gens qui travaillent dans les tribunaux, et il dit ce que nous pouvons faire.",
    "es": "El informe es para la gente que trabaja en los tribunales, y dice lo que se puede hacer con él este año.",
    "pt": "O relatório é para as pessoas que trabalham nos tribunais, e diz o que não se pode fazer com ele já.",
    "it": "Il rapporto è per la gente che lavora nei tribunali, e dice anche che cosa non si può fare con gli altri.",
    "nl": "Het rapport is voor de mensen die in de rechtbank werken, en het zegt ook wat ze er niet mee kan doen.",
    "sv": "Rapporten är till för dem som arbetar med det, och den säger också vad som inte kan göras när man vill.",
    "da": "Rapporten er til for dem, som arbejder med det, og den siger også, hvad der ikke blev gjort efter det.",
    "nb": "Rapporten er til for dem som arbeider med det, og den sier også hva som ikke ble gjort etter det i år.",
    "fi": "Raportti on niille, jotka tekevät sitä, ja se kertoo myös mitä ei voi tehdä, kun he ovat tai hän on poissa.",
    "pl": "Raport jest dla ludzi, którzy pracują w sądach, i mówi, czego się nie da zrobić, bo nie ma na to czasu.",
    "cs": "Zpráva je pro lidi, kteří pracují u soudu, a říká, co se s ní dá dělat, když už není nebo byl čas.",
    "hu": "A jelentés azoknak szól, akik ezt csinálják, és azt is mondja, hogy mit nem lehet, ha már van egy ilyen.",
    "ro": "Raportul este pentru oamenii care lucrează în instanțe și spune ce nu se poate face cu el după ce au fost.",
    "tr": "Bu rapor mahkemede çalışan insanlar için ve onunla ne kadar çok şey olduğu gibi daha ne var onu da anlatır.",
    "id": "Laporan ini dibuat untuk orang yang bekerja di pengadilan dan tidak akan ada lebih dari itu pada tahun ini.",
    "vi": "Báo cáo này là cho những người làm việc và không có gì để được trong một năm với các người đã đến khi đó.",
    "uk": "Звіт написано для людей, які працюють у судах, і в ньому йдеться про те, що з ним можна зробити цього року.",
    "ru": "Отчёт написан для людей, которые работают в судах, и в нём говорится, что с ним можно сделать в этом году.",
    "bg": "Докладът е написан за хората, които работят в съдилищата, и в него се казва какво може да се направи.",
    "sr": "Извештај је написан за људе који раде у судовима и каже шта се с њим може учинити ове године код њих.",
    "el": "Η έκθεση γράφτηκε για τους ανθρώπους που εργάζονται στα δικαστήρια.",
    "he": "הדוח נכתב עבור האנשים שעובדים בבתי המשפט והוא אומר מה אפשר לעשות",
    "ar": "كتب التقرير للناس الذين يعملون في المحاكم وهو يقول ما يمكن فعله به هذا العام وما لا يمكن فعله في كل مكان من هذه البلاد الكبيرة",
    "fa": "این گزارش برای کسانی نوشته شده است که در دادگاه‌ها کار می‌کنند و می‌گوید چه می‌توان کرد تا پایان سال و پس از آن چگونه باید پیش رفت",
    "hi": "यह रिपोर्ट उन लोगों के लिए लिखी गई है जो अदालतों में काम करते हैं और यह बताती है",
    "th": "รายงานนี้เขียนขึ้นสำหรับผู้ที่ทำงานในศาลและบอกว่าจะทำอะไรได้บ้าง",
    "ko": "이 보고서는 법원에서 일하는 사람들을 위해 쓰였으며 무엇을 할 수 있는지 말하고 있습니다 올해에는",
    "ja": "この報告書は裁判所で働く人々のために書かれたもので、今年できることを述べています。読んでください。",
    "zh": "这份报告是为在法院工作的人写的，它说明今年可以做什么，也说明不能做什么，请大家认真阅读这一份报告。",
}


@pytest.mark.parametrize("language", LONG)
def test_a_sentence_or_two_tell_their_language(language: str) -> None:
    assert language_of(LONG[language]) == language


@pytest.mark.parametrize("language", LONG)
def test_a_paragraph_leaves_no_doubt_of_another_language(language: str) -> None:
    assert sure_language_of(LONG[language] * 2) in (language, "")


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "he", "ru", "ja", "ar"])
def test_a_paragraph_is_sure_of_its_own(language: str) -> None:
    assert sure_language_of(LONG[language] * 3) == language


@pytest.mark.parametrize(
    "text",
    ["", "1234 — 5!", "M31_Master_V2", "Slack Wyrm 911", "שלום", "מה", "да", "https://the.of/and/to/in"],
)
def test_too_few_words_are_in_no_language(text: str) -> None:
    assert language_of(text) == ""


def test_a_declared_language_is_not_doubted_for_a_quotation() -> None:
    assert sure_language_of("Als der Mann kam, sagte er nichts.") == ""


def test_a_name_in_another_script_does_not_change_the_language() -> None:
    assert language_of(LONG["en"] + " Москва") == "en"


def test_a_chinese_text_may_quote_a_japanese_name() -> None:
    assert language_of(LONG["zh"] + "のの") == "zh"


@pytest.mark.parametrize(
    ("text", "direction"),
    [("", "ltr"), ("123", "ltr"), ("abc אב", "ltr"), ("שלום a", "rtl"), ("مرحبا", "rtl")],
)
def test_the_letters_tell_the_direction(text: str, direction: str) -> None:
    assert direction_of(text) == direction
