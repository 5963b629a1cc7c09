"""Running text in the 72 columns of a text part. Pure; used by templates and by ``plain_text``."""

from __future__ import annotations

import re
from textwrap import wrap

COLUMNS = 72
ISOLATE, END_ISOLATE = "\u2068", "\u2069"  # first-strong isolate and its end (Unicode, UAX #9 §2.4)


def columns(text: str, indent: int = 0, hanging: int | None = None, width: int = COLUMNS) -> str:
    """Return running text wrapped, every line indented; a word or URL that is longer stays whole.

    ``hanging`` leaves the first line where it is, since the caller has written so many columns before
    it, and indents only the rest. A no-break space never breaks.
    """
    margin = " " * (indent if hanging is None else hanging)
    lines = wrap(
        re.sub(r"[ \t\r\n\f\v]+", " ", text).strip(" "),
        width=width,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)[hanging or 0 :]


def underlined(text: str, mark: str = "=") -> str:
    """Return wrapped text with a line below it, as long as its longest line."""
    lines = columns(text)
    return f"{lines}\n{mark * max(map(len, lines.splitlines()), default=0)}"


def isolated(text: str) -> str:
    """Return text whose lines each stand apart from the direction around them; indents stay outside.

    A mail's lines are paragraphs of their own, so an isolate that spans two would end with the first.
    """
    lines = ((line[: len(line) - len(line.lstrip(" "))], line.lstrip(" ")) for line in text.split("\n"))
    return "\n".join(f"{indent}{ISOLATE}{words}{END_ISOLATE}" if words else indent for indent, words in lines)
