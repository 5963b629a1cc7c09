"""Every language says everything: what is missing, left over or wrong fails here, with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from jinja2 import Environment

from digest.rendering.transactional import TO_US
from digest.template_files import read_templates
from digest.text.catalogues import catalogue, languages
from tests import catalogues

SENTENCES = catalogues.extracted()
LANGUAGES = catalogues.languages()
TEMPLATES = read_templates()
_PLACE = re.compile(r"%\((\w+)\)s")
_TAG = re.compile(r"<[^>]*>")


def told(message: Message) -> str:
    """Return where a sentence stands in templates or code, and how it begins."""
    path, line = message.locations[0]
    return f"{path}:{line}: {first(message)!r}"


def first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def kept(language: str) -> Iterator[Message]:
    return (message for message in catalogues.read(language) if message.id)


def placed(language: str) -> Iterator[tuple[str, Message, Message]]:
    """Yield each kept sentence that is still said, where it stands in its catalogue, and the source's own."""
    for message in kept(language):
        said = SENTENCES.get(first(message), message.context)
        if said is not None:
            yield f"templates/locale/{language}.po:{message.lineno}: {first(message)!r}", message, said


def test_six_languages_are_kept():
    assert LANGUAGES == ["ar", "de", "en", "es", "fr", "pt"] == languages(TEMPLATES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_missing(language: str):
    found = catalogues.read(language)
    messages = [(said, found.get(first(said), said.context)) for said in SENTENCES if said.id]
    missing = [told(said) for said, kept in messages if kept is None or not all(forms(kept))]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_left_over_or_a_guess(language: str):
    name = f"templates/locale/{language}.po"
    over = [
        f"{name}:{message.lineno}: {first(message)!r}"
        for message in kept(language)
        if SENTENCES.get(first(message), message.context) is None or message.fuzzy
    ]
    over += [f"{name}: {obsolete!r}" for obsolete in catalogues.read(language).obsolete]
    assert over == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_and_tag_of_a_sentence_is_in_its_translation(language: str):
    """A form for one number ("one", "two") may leave it out, as a language may have a word for it."""
    wrong = []
    for where, message, said in placed(language):
        source = said.id[-1] if isinstance(said.id, tuple) else said.id
        counted = {"more", "minutes", "left_out"} if isinstance(said.id, tuple) else set()
        for form in forms(message):
            places, wanted = set(_PLACE.findall(form)), set(_PLACE.findall(source))
            if places - wanted or (wanted - places) - counted or "%" in _PLACE.sub("", form):
                wrong.append(where)
            if sorted(_TAG.findall(form)) != sorted(_TAG.findall(source)):
                wrong.append(where)
        if counted and not set(_PLACE.findall(forms(message)[-1])) & counted:
            wrong.append(f"{where}: the last form names no number")
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_as_many_forms_as_its_language(language: str):
    found = catalogues.read(language)
    wrong = [
        where
        for where, message, said in placed(language)
        if len(forms(message)) != (found.num_plurals if isinstance(said.id, tuple) else 1)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_told_apart_as_cldr_does(language: str):
    """Two numbers share a form if and only if CLDR puts them into one category."""
    words, rule = catalogue(probe(language), language), Locale(language).plural_form
    pairs = {(words.ngettext("one", "many", number), rule(number)) for number in range(1000)}
    assert len(pairs) == len({form for form, _ in pairs}) == len({category for _, category in pairs})


def probe(language: str) -> dict[str, str]:
    """Return a catalogue with the language's own head and one plural, its forms told by number."""
    head = (catalogues.CATALOGUES / f"{language}.po").read_text("utf-8").partition("\n\n")[0]
    count = catalogues.read(language).num_plurals
    strings = "".join(f'msgstr[{form}] "{form}"\n' for form in range(count))
    return {f"locale/{language}.po": f'{head}\n\nmsgid "one"\nmsgid_plural "many"\n{strings}'}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_as_make_catalogues_writes_them(language: str):
    written = catalogues.updated(language, SENTENCES)
    assert (catalogues.CATALOGUES / f"{language}.po").read_bytes() == written


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_a_translation_is_no_copy_of_the_source(language: str):
    """Patterns without words are alike in two languages; a copied sentence is forgotten work."""
    copied = [
        where
        for where, message, said in placed(language)
        if forms(message) == [said.id] and len(re.findall(r"[A-Za-z]+", _PLACE.sub("", first(said)))) > 1
    ]
    assert copied == []


FRENCH_MARKS = re.compile(r"(?<![\u00a0\u202f])[;?!](?!\w)|(?<![\u00a0\u202f])[:](?!//|\w)")


def test_french_has_its_spaces_before_double_marks():
    bare = [
        where for where, message, _ in placed("fr") if any(FRENCH_MARKS.search(one) for one in forms(message))
    ]
    assert bare == []


INFORMAL = {
    "de": re.compile(r"\b(du|dich|dir|dein\w*|euch|euer|eure\w*)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(tu|te|toi|ton|ta|tes)\b", re.IGNORECASE),
    "es": re.compile(r"\b(tú|tu|tus|te|ti)\b", re.IGNORECASE),
}


@pytest.mark.parametrize("language", INFORMAL)
def test_readers_are_addressed_formally(language: str):
    informal = [
        where
        for where, message, _ in placed(language)
        if any(INFORMAL[language].search(_TAG.sub("", one)) for one in forms(message))
    ]
    assert informal == []


# --- No words outside the catalogues ---

TRANSLATORS = ("_", "gettext", "ngettext", "pgettext", "npgettext")
_ATTRIBUTES = re.compile(r'\b(?:alt|title|placeholder|aria-label|aria-roledescription)="([^"]*)"')
_UNREAD = re.compile(r"<!--.*?-->|<style\b.*?</style>|<[^<>]*>|&\w+;|\s[\w-]+=\"[^\"]*\"", re.DOTALL)
# The keys of email/words.txt, which no reader sees.
_KEYS = re.compile(r"^(media|table|image): ", re.MULTILINE)


def readers_templates() -> list[str]:
    """Return the names of the templates that readers see; alerts go to the operator, in English."""
    found = (name for name in TEMPLATES if name.startswith(("email/", "web/")))
    return sorted(
        name for name in found if name.endswith((".html", ".txt")) and name.split("/")[1] not in TO_US
    )


def bare_words(name: str, source: str) -> list[str]:
    """Return the words of a template that stand outside ``{% trans %}`` and ``_()``, with their lines."""
    shown = data_only(source)
    shown = _KEYS.sub("", shown) if name == "email/words.txt" else shown
    texts = [(match.start(1), match[1]) for match in _ATTRIBUTES.finditer(shown)]
    unread = _UNREAD.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), shown)
    texts += [(match.start(), match[0]) for match in re.finditer(r"[^\n]+", unread)]
    return [
        f"templates/{name}:{shown.count(chr(10), 0, start) + 1}: {text.strip()!r}"
        for start, text in texts
        if re.search(r"[^\W\d_]{2}", text)
    ]


def data_only(source: str) -> str:
    """Return a template with everything but its own text blanked, so that lines stay where they are."""
    inside, parts = False, []
    for _, kind, value in Environment(extensions=["jinja2.ext.i18n"]).lex(source):
        if kind == "name" and value in ("trans", "endtrans"):
            inside = value == "trans"
        parts.append(value if kind == "data" and not inside else re.sub(r"[^\n]", "~", value))
    return "".join(parts)


@pytest.mark.parametrize("name", readers_templates())
def test_no_template_has_words_of_its_own(name: str):
    assert bare_words(name, TEMPLATES[name]) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        '<img alt="A view">',
        "{% if x %}\nHello\n{% endif %}",
        "{% trans %}Fine{% endtrans %} not",
        '<p title="Hi there">{{ x }}</p>',
    ],
)
def test_words_of_its_own_are_found(source: str):
    assert bare_words("web/x.html", source) != []


# --- Bringing them up to date ---


def test_a_new_language_begins_with_every_sentence_empty(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catalogues, "CATALOGUES", tmp_path)
    (tmp_path / "nl.po").touch()
    catalogues.update()
    made: Catalog = catalogues.read("nl")
    assert len(made) == len(SENTENCES)
    assert not any(any(forms(message)) for message in made if message.id)
