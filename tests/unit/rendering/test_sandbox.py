"""A template reads plain values and reaches nothing else: known ways out of Jinja, and of its bounds."""

import pytest

from digest.errors import TemplateFault
from digest.rendering.environment import environment, render
from digest.rendering.sandbox import LONGEST_RANGE
from tests.factories_mail import digest, publication

# Each of these gave code, secrets or the host's memory in some version or setting of Jinja.
ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ publication.__init__.__globals__ }}",
    "{{ publication['__class__'] }}",
    "{{ publication.__dict__ }}",
    "{{ edition.__dataclass_fields__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ joiner }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ dict.__base__ }}",
    "{{ config }}",
    "{{ env }}",
    "{{ environment }}",
    "{{ request }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''|attr('for'~'mat') }}",
    "{{ ['__class__']|map('attr', 'x')|list }}",
    "{{ [publication]|map(attribute='__class__')|list|first }}",
    "{{ [publication]|groupby('__class__') }}",
    "{{ [publication]|sum(attribute='__init__.__globals__') }}",
    "{{ '{0.__class__}'.format(publication) }}",
    "{{ '{0.__class__}'.format_map({'0': 1}) }}",
    "{{ ('{0.__class__}'|string).format(publication) }}",
    "{% set f = ''.format %}{{ f(1) }}",
    "{{ ['{0.__class__}'.format]|map('string')|list }}",
    "{{ (publication|string).__class__ }}",
    "{{ render.__code__ }}",
    "{{ range.__self__ }}",
    "{{ (range)(1).__reduce__() }}",
    "{{ gettext.__closure__ }}",
    "{{ ''|pprint }}",
    "{{ publication|tojson }}",
    "{{ [1]|random }}",
    "{{ publication|xmlattr }}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{{ caller.__closure__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{{ loop.__init__ }}",
    "{% for a in [1] %}{{ loop._iterator.gi_frame }}{% endfor %}",
    "{% import 'os' as os %}{{ os }}",
    "{% include '/etc/passwd' %}",
    "{% include '../secrets.txt' %}",
    "{% extends 'email/../../x.html' %}",
    "{% do [].append(1) %}",
    "{{ [].append(1) }}",
    "{{ {}.update({1: 2}) }}",
    "{{ edition.sections.__add__ }}",
    "{% debug %}",
]

GREEDY = [
    "{{ range(10**9) }}",
    "{{ range(1000000000)|list }}",
    "{{ range(0, 99999999999999999999, 1) }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 1000000000 * 'a' }}",
    "{{ ('a' * 10000) * 10000 }}",
    "{{ [1] * 1000000000 }}",
    "{{ 9 ** 999999999 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 'a'.center(1000000000) }}",
    "{{ 'a'.ljust(1000000000) }}",
    "{{ 'a'.zfill(1000000000) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ 'a'|center(1000000000) }}",
    "{{ 'a'|indent(1000000000, true) }}",
    "{{ [1]|batch(1000000000, 1)|list }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include 'page.txt' %}",
]


def rendered(source: str) -> str:
    context = {"publication": publication(), "edition": digest(), "language": "en"}
    return render(environment({"page.txt": source}), "page.txt", context)


@pytest.mark.parametrize("source", [*ESCAPES, *GREEDY])
def test_a_template_gets_nowhere_and_says_so(source: str):
    with pytest.raises(TemplateFault) as caught:
        rendered(source)
    assert "page.txt" in str(caught.value) or "does not exist" in str(caught.value)


def test_what_a_template_needs_still_works():
    assert rendered(f"{{% for n in range({LONGEST_RANGE}) %}}.{{% endfor %}}") == "." * LONGEST_RANGE
    assert rendered("{{ '-' * 72 }}") == "-" * 72
    assert rendered("{{ 7 % 4 }} {{ 3 * 4 }}") == "3 12"
    assert rendered("{% set seen = namespace(n=1) %}{% set seen.n = 2 %}{{ seen.n }}") == "2"
    assert rendered("{{ publication.name | upper }}") == "THE QUIET BENCH"
