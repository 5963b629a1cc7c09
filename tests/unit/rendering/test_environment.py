"""Templates render strictly, and every fault names its template and line."""

from datetime import date

import pytest

from digest.errors import TemplateFault
from digest.rendering.environment import environment, render


def fault(templates: dict[str, str], name: str = "page.html", **context: object) -> TemplateFault:
    with pytest.raises(TemplateFault) as caught:
        render(environment(templates), name, context)
    return caught.value


def test_html_is_escaped_and_text_is_not():
    env = environment({"a.html": "{{ x }}", "a.txt": "{{ x }}"})
    assert render(env, "a.html", {"x": "<b>&"}) == "&lt;b&gt;&amp;"
    assert render(env, "a.txt", {"x": "<b>&"}) == "<b>&"


def test_a_missing_template_is_named():
    assert fault({}).template == "page.html"
    assert fault({"page.html": "{% include 'lost.html' %}"}).template == "lost.html"


def test_a_syntax_error_names_its_line():
    error = fault({"page.html": "fine\n{% if %}"})
    assert (error.template, error.line) == ("page.html", 2)


def test_an_undefined_name_in_an_include_names_the_inner_template():
    error = fault({"page.html": "{% include 'inner.txt' %}", "inner.txt": "one\n\n{{ lost }}"})
    assert (error.template, error.line) == ("inner.txt", 3)
    assert "'lost' is undefined" in str(error)


def test_an_error_while_rendering_names_its_line():
    error = fault({"page.html": "\n{{ 1 / x }}"}, x=0)
    assert (error.template, error.line) == ("page.html", 2)


def test_an_error_outside_any_known_template_still_has_a_name():
    error = fault({"odd": "{{ 1 / x }}"}, "odd", x=0)
    assert (error.template, error.line) == ("odd", None)
    assert str(error).startswith("Template odd: ")


def test_equal_templates_share_one_environment():
    assert environment({"a": "1"}) is environment({"a": "1"})
    assert environment({"a": "1"}) is not environment({"a": "2"})


def test_filters_follow_the_language_of_the_context():
    env = environment(
        {"a.txt": "{{ d | day }}; {{ d | day_of_month }}; {{ d | month }}; {{ w | enumeration }}"}
    )
    context = {"d": date(2026, 6, 8), "w": ["a", "b", "c"]}
    assert (
        render(env, "a.txt", {**context, "language": "en-GB"}) == "8 June 2026; 8 June; June 2026; a, b and c"
    )
    assert (
        render(env, "a.txt", {**context, "language": "de"}) == "8. Juni 2026; 8. Juni; Juni 2026; a, b und c"
    )
    assert render(environment({"b.txt": "{{ '5 min' | unbroken }}"}), "b.txt", {}) == "5\u00a0min"


CATALOGUE = """
msgid ""
msgstr "Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Hello %(name)s"
msgstr "Bonjour \u2068%(name)s\u2069"

msgid "%(count)s post"
msgid_plural "%(count)s posts"
msgstr[0] "%(count)s article"
msgstr[1] "%(count)s articles"

msgctxt "a button"
msgid "Leave"
msgstr "Partir"

msgctxt "a heading"
msgid "%(count)s reader"
msgid_plural "%(count)s readers"
msgstr[0] "%(count)s abonné"
msgstr[1] "%(count)s abonnés"
"""


def said(source: str, template: str = "a.txt", **context: object) -> str:
    env = environment({template: source, "locale/fr.po": CATALOGUE})
    return render(env, template, {"language": "fr-CA"} | context)


def test_sentences_are_said_in_the_language_of_the_context():
    assert said('{{ _("Hello %(name)s", name="Ann") }}') == "Bonjour \u2068Ann\u2069"
    assert (
        said("{% trans count=0 %}{{ count }} post{% pluralize %}{{ count }} posts{% endtrans %}")
        == "0 article"
    )
    assert said("{% trans count=3 %}{{ count }} post{% pluralize %}{{ count }} posts{% endtrans %}") == (
        "3 articles"
    )
    assert said('{{ pgettext("a button", "Leave") }} {{ _("Leave") }}') == "Partir Leave"
    readers = 'npgettext("a heading", "%(count)s reader", "%(count)s readers", 2, count=2)'
    assert said(f"{{{{ {readers} }}}}") == "2 abonnés"
    assert said('{{ _("Hello %(name)s", name="Ann") }}', language="nl") == "Hello Ann"


def test_what_fills_a_place_is_escaped_in_markup_and_isolated_by_an_element():
    greeting = '{{ _("Hello %(name)s", name=name) }}'
    assert said(greeting, "a.html", name="<b>&") == "Bonjour <bdi>&lt;b&gt;&amp;</bdi>"


def test_a_sentence_without_a_language_around_it_is_a_fault_of_the_template():
    """An import without context would otherwise speak English in the middle of a French page."""
    error = fault({"page.html": "{% from 'm.html' import x %}{{ x() }}", "m.html": HELLO}, language="fr")
    assert "'language' is undefined" in str(error)


HELLO = '{% macro x() %}{{ _("Hello") }}{% endmacro %}'


def test_lines_of_the_other_direction_are_set_off_and_those_of_the_own_are_not():
    env = environment({"a.txt": "{{ text | isolated(direction) }}"})
    text = "1. One\n   two\n"
    named = {"language": "en", "text": text}
    assert render(env, "a.txt", named | {"direction": "ltr"}) == text
    assert render(env, "a.txt", named | {"direction": "rtl"}) == ("\u20681. One\u2069\n   \u2068two\u2069\n")


def test_numbers_have_the_marks_of_their_language():
    env = environment({"a.txt": "{{ 1234 | number }}"})
    assert [render(env, "a.txt", {"language": tag}) for tag in ("en", "de", "fr")] == [
        "1,234",
        "1.234",
        "1\u202f234",
    ]
