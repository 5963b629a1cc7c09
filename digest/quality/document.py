"""DOC: whether the HTML is a whole document, and holds no remains of how it was made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from digest.quality.elements import hit, hit_in, in_code, line_of, plain
from digest.quality.facts import Facts
from digest.quality.mail import Mail
from digest.quality.mojibake import CONTROLS, garbled
from digest.quality.report import Hit, Mender, NotLooked, Rule, Severity

DOCTYPE = "<!DOCTYPE html>"
# The shape of a BCP 47 tag (RFC 5646 §2.1), near enough to tell a tag from a name.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{1,8})*")
_DIRECTIONS = frozenset({"ltr", "rtl", "auto"})
_MARKS = re.compile(
    r"\{\{|\}\}|\{%|%\}|@@[0-9a-f]{16}:\w+@@|\*\|[A-Z_]+\|\*|%%[A-Za-z_]+%%|\[\[[a-z_]+\]\]|__[A-Z]+(?:_[A-Z]+)*__"
)
_NOTHING = re.compile(r"(None|undefined|null|NaN|\[object Object\])")
_IN_ADDRESS = re.compile(r"[/=](None|undefined)(?=[/?&#]|$)")


def _doctype(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    html = mail.html or ""
    if not html.startswith(DOCTYPE):
        yield hit_in("html", line=1, words=html[:60])


def _language(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    root = mail.root
    assert root is not None, "the rule needs HTML"
    if not _LANGUAGE.fullmatch(root.get("lang", "")):
        yield hit(root, "lang")
    if root.get("dir", "").lower() not in _DIRECTIONS:
        yield hit(root, "dir")


def _wrapper(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for child in mail.body if mail.body is not None else ():
        if isinstance(child.tag, str):
            missing = [name for name in ("lang", "dir") if not child.get(name)]
            if missing:
                yield hit(child, " and ".join(missing))


def _title(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    found = next((one for one in mail.elements if one.tag == "title"), None)
    title = plain(found.text or "") if found is not None else ""
    if found is None or not title:
        yield hit_in("html", "there is none" if found is None else "it is empty")
        return
    subject = mail.header("Subject") if mail.headers is not None else facts.subject
    if subject is None:
        yield NotLooked(reason="without headers there is no subject to compare the title with")
    elif title != plain(subject).removeprefix("[Test] "):
        yield hit(found, f"the subject is “{plain(subject)}”")


def _charset(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    metas = [one for one in mail.elements if one.tag == "meta"]
    charsets = [one.get("charset", "") for one in metas]
    charsets += [
        one.get("content", "").partition("charset=")[2]
        for one in metas
        if one.get("http-equiv", "").lower() == "content-type"
    ]
    named = [charset.strip().lower() for charset in charsets if charset]
    if not named:
        yield hit_in("html", "the charset is missing")
    elif any(charset not in {"utf-8", "utf8"} for charset in named):
        yield hit_in("html", f"the charset is {named[0]}")
    if not any(one.get("name", "").lower() == "viewport" for one in metas):
        yield hit_in("html", "the viewport is missing")


def marks(text: str) -> list[str]:
    """Return what in a text looks like a place that was left to be filled in."""
    return _MARKS.findall(text)


def _unrendered(mail: Mail, facts: Facts) -> Iterator[Hit]:
    meant = set(facts.meant)
    for element, text in mail.texts:
        left = [one for one in marks(text) if one not in facts.meant]
        if in_code(element):
            meant.update(left)
        elif left:
            yield hit(element, f"“{left[0]}”")
        elif _NOTHING.fullmatch(text.strip()):
            yield hit(element, f"“{text.strip()}”")
    for element in mail.elements:
        for name, value in element.items():
            nothing = _NOTHING.fullmatch(value.strip()) or _IN_ADDRESS.search(value)
            mark = _unmeant(value, facts.meant) or (nothing[0] if nothing else "")
            if mark and not (name == "style" and mark == "null"):
                yield hit(element, f"“{mark}” in {name}")
    yield from _unrendered_words(mail, meant)


def _unmeant(text: str, meant: Collection[str]) -> str:
    return next((one for one in marks(text) if one not in meant), "")


def _unrendered_words(mail: Mail, meant: Collection[str]) -> Iterator[Hit]:
    """Yield remains in the text part and the headers; what the HTML shows as code is meant."""
    for number, line in enumerate((mail.text or "").splitlines(), 1):
        mark = _unmeant(line, meant)
        if mark or _NOTHING.fullmatch(line.strip()):
            yield hit_in("text", f"“{mark or line.strip()}”", line=number, words=line)
    for name, value in mail.decoded or ():
        mark = _unmeant(value, meant)
        if name.lower() in {"subject", "from", "to", "reply-to"} and (
            mark or _NOTHING.fullmatch(value.strip())
        ):
            yield hit_in("headers", f"“{mark or value.strip()}” in {name}", words=value)


def _controls(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for part, text in (("html", mail.html or ""), ("text", mail.text or "")):
        found = CONTROLS.search(text)
        if found:
            near = text[max(0, found.start() - 20) : found.end() + 20]
            code = f"U+{ord(found[0]):04X}"
            yield hit_in(part, code, line=line_of(text, found.start()), words=CONTROLS.sub("·", near))
    for name, value in mail.decoded or ():
        if CONTROLS.search(value):
            yield hit_in("headers", f"in {name}", words=CONTROLS.sub("·", value))


def _duplicates(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    ids = Counter(one.get("id") for one in mail.elements if one.get("id"))
    for element in mail.elements:
        if ids[element.get("id")] > 1:
            yield hit(element, f"the id “{element.get('id')}” is there {ids[element.get('id')]} times")
            ids[element.get("id")] = 0
    html = mail.html or ""
    opened, closed = len(re.findall(r"<!(?:--)?\[if\b", html)), len(re.findall(r"<!\[endif\]", html))
    if opened != closed:
        yield hit_in("html", f"{opened} conditional comments open, {closed} close")


def _mojibake(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for element, text in mail.texts:
        for wrong, right in garbled(text):
            yield hit(element, f"“{wrong}” should be “{right}”")
            break
    for number, line in enumerate((mail.text or "").splitlines(), 1):
        for wrong, right in garbled(line):
            yield hit_in("text", f"“{wrong}” should be “{right}”", line=number, words=line)
            break
    for wrong, right in garbled(mail.header("Subject")):
        yield hit_in("headers", f"“{wrong}” should be “{right}”", words=mail.header("Subject"))


_HTML = ("html",)
RULES = (
    Rule(id="DOC-01", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_doctype,
         says="The HTML does not start with <!DOCTYPE html>.",
         mend="Put exactly <!DOCTYPE html> first: every mail program falls into quirks mode without it.",
         source="caniemail html-doctype"),
    Rule(id="DOC-02", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_language,
         says="The html element does not say which language it is in, or which way it runs.",
         mend='Give it lang="…" (such as en-GB) and dir="ltr" or "rtl".',
         source="Email Markup Consortium 6; WCAG 2.2, 3.1.1"),
    Rule(id="DOC-03", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_wrapper,
         says="An element directly in the body has no language or no direction of its own.",
         mend="Give lang and dir to every child of body: webmail drops html and body with theirs.",
         source="Email Markup Consortium 1 and 2"),
    Rule(id="DOC-04", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_title,
         says="The title is missing, empty or not the subject.",
         mend="Make the title element the subject: screen readers announce it.",
         source="Email Markup Consortium 9; WCAG 2.2, 2.4.2"),
    Rule(id="DOC-05", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_charset,
         says="The head lacks the character set UTF-8 or the viewport.",
         mend='Add <meta charset="utf-8"> and <meta name="viewport" content="width=device-width">.',
         source="Email Markup Consortium"),
    Rule(id="DOC-06", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=(), looks=_unrendered,
         says="Something that should have been filled in was left as it was.",
         mend="Correct the name in the template, or show it as code where it is meant.",
         source="Everypost"),
    Rule(id="DOC-07", severity=Severity.ERROR, who=Mender.CONTENT, needs=(), looks=_controls,
         says="There is a control character, which makes Gmail cut a mail off.",
         mend="Type the character anew in the post, or let `digest check --fix` put it right.",
         source="email-bugs 41; RFC 5322"),
    Rule(id="DOC-08", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_duplicates,
         says="An id is used twice, or conditional comments do not match.",
         mend="Use an id once; close every <!--[if …]> with <![endif]-->.",
         source="HTML; Everypost"),
    Rule(id="DOC-09", severity=Severity.WARNING, who=Mender.CONTENT, needs=(), looks=_mojibake,
         says="Characters are garbled: UTF-8 was read as something else.",
         mend="Correct them in the post, or let `digest check --fix` put them right.",
         source="Everypost"),
)  # fmt: skip
