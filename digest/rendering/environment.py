"""The only home of Jinja: templates in, text out, every fault named by template and line.

Knows nothing of mail: the same environment renders the web pages. Neither a template nor what it shows is
trusted: templates run in ``sandbox``, and everything is escaped in ``.html``.
Neighbours: ``digest.template_files`` reads the sources, ``issue`` and ``transactional`` choose the names,
``digest.text.catalogues`` has the words of other languages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from gettext import NullTranslations
from types import TracebackType
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    FunctionLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_context,
)
from jinja2.runtime import Context

from digest.errors import TemplateFault
from digest.rendering.columns import END_ISOLATE, ISOLATE, columns, isolated, underlined
from digest.rendering.sandbox import Sandbox
from digest.text import dates
from digest.text.catalogues import catalogue

# Whatever a template can make go wrong while it runs; recursion is a macro that calls itself. Want of memory
# is no fault of a line: it passes through, and ``pipeline.confine`` tells it of templates that are not ours.
_AT_RUN_TIME = (
    TemplateError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip


def environment(templates: Mapping[str, str]) -> Environment:
    """Return the environment for these templates (name → source); equal templates share one.

    Escapes in ``.html`` and ``.xml`` names, refuses undefined names, and offers the filters below. The words
    of ``{% trans %}`` and ``_()`` and the date filters follow the variable ``language`` of the context; a
    translated sentence is markup in a name that escapes, and what fills its places is escaped.
    """
    return _environment(frozenset(templates.items()))


def render(env: Environment, name: str, context: Mapping[str, Any]) -> str:
    """Return the template of that name filled with the context.

    Raises TemplateFault for a missing or broken template, and for any error while it runs.
    """
    try:
        return env.get_template(name).render(context)
    except TemplateNotFound as error:
        missing = str(error.name or name)
        raise TemplateFault(
            f"Template {missing} does not exist: restore it or remove what names it.", template=missing
        ) from error
    except TemplateSyntaxError as error:
        where = error.name or name
        raise TemplateFault(
            f"Template {where}, line {error.lineno}: {error.message}. Mend that line.",
            template=where,
            line=error.lineno,
        ) from error
    except _AT_RUN_TIME as error:
        where, line = _innermost_template(error.__traceback__, name)
        at = f", line {line}" if line else ""
        raise TemplateFault(
            f"Template {where}{at}: {error}. Mend that line.", template=where, line=line
        ) from error


@lru_cache(maxsize=8)
def _environment(items: frozenset[tuple[str, str]]) -> Environment:
    """Return the environment for these pairs; hashing them is cheap, as strings remember their hash."""
    templates = dict(items)
    env = Sandbox(
        loader=_loader(templates),
        autoescape=_escapes,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(**_translators(templates), newstyle=True)  # type: ignore[attr-defined]
    env.filters.update(FILTERS)
    return env


def _loader(templates: Mapping[str, str]) -> BaseLoader:
    """Return a loader that gives a template its own name as file name, so that faults can name it."""

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        source = templates.get(name)
        return None if source is None else (source, name, lambda: True)

    return FunctionLoader(load)


def _escapes(name: str | None) -> bool:
    """Return whether a template of that name makes markup."""
    return name is None or name.endswith((".html", ".xml"))


def _innermost_template(trace: TracebackType | None, name: str) -> tuple[str, int | None]:
    """Return the template and line where an error happened; Jinja puts both into the traceback."""
    found: tuple[str, int | None] = (name, None)
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if filename.endswith((".html", ".txt", ".xml", ".css")):
            found = (filename, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _translators(templates: Mapping[str, str]) -> dict[str, Callable[..., str]]:
    """Return gettext's four functions, each in the language of the template that calls it."""

    def words(context: Context) -> NullTranslations:
        return catalogue(templates, _language(context))

    def shown(context: Context, message: str) -> str:
        # A catalogue isolates what is named in a sentence with characters; markup has an element for that.
        if not context.eval_ctx.autoescape:
            return message
        return message.replace(ISOLATE, "<bdi>").replace(END_ISOLATE, "</bdi>")

    @pass_context
    def gettext(context: Context, message: str) -> str:
        return shown(context, words(context).gettext(message))

    @pass_context
    def ngettext(context: Context, one: str, many: str, count: int) -> str:
        return shown(context, words(context).ngettext(one, many, count))

    @pass_context
    def pgettext(context: Context, meaning: str, message: str) -> str:
        return shown(context, words(context).pgettext(meaning, message))

    @pass_context
    def npgettext(context: Context, meaning: str, one: str, many: str, count: int) -> str:
        return shown(context, words(context).npgettext(meaning, one, many, count))

    return {"gettext": gettext, "ngettext": ngettext, "pgettext": pgettext, "npgettext": npgettext}


def _language(context: Context) -> str:
    """Return the language the template speaks; refuse to guess, as an import without context would."""
    return str(context.resolve("language"))


@pass_context
def _day(context: Context, when: date) -> str:
    return dates.day(when, _language(context))


@pass_context
def _day_of_month(context: Context, when: date) -> str:
    return dates.day_of_month(when, _language(context))


@pass_context
def _month(context: Context, when: date) -> str:
    return dates.month(when, _language(context))


@pass_context
def _enumeration(context: Context, words: list[str]) -> str:
    return dates.enumeration(words, _language(context))


@pass_context
def _number(context: Context, count: int) -> str:
    return dates.number(count, _language(context))


@pass_context
def _isolated(context: Context, text: str, direction: str) -> str:
    """Return lines of plain text that run in a direction, set off from a mail that runs in the other."""
    own = dates.direction(_language(context))
    return text if direction == own else isolated(text)


def _unbroken(text: str) -> str:
    """Return the text with no-break spaces, so that "5 min" never splits over two lines."""
    return text.replace(" ", "\u00a0")


FILTERS: Mapping[str, Callable[..., str]] = {
    "day": _day,  # 8 June 2026
    "day_of_month": _day_of_month,  # 8 June
    "month": _month,  # June 2026
    "enumeration": _enumeration,  # a, b and c
    "number": _number,  # 1,234
    "unbroken": _unbroken,
    "columns": columns,
    "underlined": underlined,
    "isolated": _isolated,  # from the direction of the lines around
}
