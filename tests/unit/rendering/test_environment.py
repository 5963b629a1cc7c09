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
