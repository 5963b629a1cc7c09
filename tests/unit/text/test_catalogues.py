"""Catalogues are found by language, fall back in order, and are named where they are broken."""

from __future__ import annotations

import pytest

from digest.errors import TemplateFault
from digest.template_files import read_templates
from digest.text.catalogues import catalogue, languages, spoken, translatable

TEMPLATES = read_templates()


def test_a_language_without_words_is_answered_in_the_publications_then_in_english():
    assert spoken(TEMPLATES, "fr-CA", "de") == "fr-CA"
    assert spoken(TEMPLATES, "nl", "de-AT") == "de-AT"
    assert spoken(TEMPLATES, "", "nl") == "en"
    assert spoken(TEMPLATES, "en-US", "de") == "en-US"


def test_a_region_has_its_own_words_where_an_operator_gives_them():
    own = 'msgid ""\nmsgstr "Language: fr\\n"\n\nmsgid "Paused"\nmsgstr "En relâche"\n'
    templates = TEMPLATES | {"locale/fr-CA.po": own}
    assert catalogue(templates, "fr-CA").gettext("Paused") == "En relâche"
    assert catalogue(templates, "fr").gettext("Paused") == "En pause"
    assert catalogue(templates, "nl").gettext("Paused") == "Paused"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('msgid "a %(b)s"\nmsgstr "%(c)s"\n', 1),
        ('msgid "a"\nmsgstr "b"\n\nnonsense\n', 4),
        ("what is this", 1),
        ('msgid "a"\nmsgstr[x] "b"\n', None),
        ('msgid ""\nmsgstr "Content-Type: text/plain; charset=tea\\n"\n', None),
    ],
)
def test_a_broken_catalogue_is_named_with_its_line(source: str, line: int | None):
    with pytest.raises(TemplateFault, match=r"locale/nl\.po") as caught:
        catalogue({"locale/nl.po": source}, "nl")
    assert (caught.value.template, caught.value.line) == ("locale/nl.po", line)


def test_the_languages_are_those_that_have_a_catalogue():
    assert languages({"locale/pt-BR.po": "", "locale/de.po": "", "email/x.txt": ""}) == ["de", "pt-BR"]


def test_a_marked_sentence_stays_as_it_is():
    assert translatable("Paused") == "Paused"


def test_equal_catalogues_are_read_once():
    assert catalogue(TEMPLATES, "de") is catalogue(dict(TEMPLATES), "de-AT")
