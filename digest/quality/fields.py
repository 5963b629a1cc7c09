"""HDR: the header fields, as they stand in the bytes that are sent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from email.utils import parseaddr

from digest.quality.elements import hit_in
from digest.quality.facts import Facts
from digest.quality.leaving import kind_of
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, NotLooked, Rule, Severity

_ONCE = ("From", "To", "Date", "Message-ID", "Subject", "MIME-Version")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_BARE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_NO_REPLY = re.compile(r"(?:no|do-?not|never)[-_.]?reply.*", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s<>]+@(?:[\w-]+\.)+[\w-]{2,}", re.ASCII)


def _fields(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for name in _ONCE:
        count = mail.count(name)
        if count != 1:
            yield hit_in("headers", f"{name} is missing" if count == 0 else f"{name} is there {count} times")
    domain = mail.header("Message-ID").strip("<>").rpartition("@")[2].lower()
    own = facts.domains or {parseaddr(mail.header("From"))[1].rpartition("@")[2].lower()}
    if mail.count("Message-ID") and not any(domain == one or domain.endswith(f".{one}") for one in own):
        yield hit_in(
            "headers", f"the Message-ID ends in {domain or 'nothing'}", words=mail.header("Message-ID")
        )
    if facts.planned_headers is not None:
        yield from _unplanned(mail, facts.planned_headers)


def _unplanned(mail: Mail, planned: tuple[str, ...]) -> Iterator[Hit]:
    """Compare what the bytes hold with what was meant to be in them: a smuggled field shows here."""
    there = Counter(name.lower() for name, _ in mail.headers or ())
    meant = Counter(name.lower() for name in planned)
    for name in sorted((there - meant).keys()):
        yield hit_in("headers", f"{name} was not planned", words=name)
    for name in sorted((meant - there).keys()):
        yield hit_in("headers", f"{name} was planned and is not there", words=name)


def _list_id(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    kind = kind_of(mail, facts)
    if not kind:
        yield NotLooked(reason="it is not known whether this is an issue or a notice to one person")
    elif kind == "issue" and not mail.count("List-Id"):
        yield hit_in("headers", "missing on an issue")
    elif kind == "notice" and mail.count("List-Id"):
        yield hit_in("headers", "present on a notice", words=mail.header("List-Id"))


def _encoding(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    head = re.split(rb"\r?\n\r?\n", mail.data or b"", maxsplit=1)[0]
    for number, line in enumerate(head.split(b"\n"), 1):
        if not line.isascii():
            yield hit_in("headers", "not in ASCII", line=number, words=line.decode("utf-8", "replace"))
    if b"\r\n" in head and _BARE_END.search(head):
        yield hit_in("headers", "a line ends in CR or LF alone")
    for name, value in mail.decoded or ():
        if _CONTROL.search(value):
            yield hit_in("headers", f"{name} holds a control character", words=_CONTROL.sub("·", value))


def _answering(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    kind = kind_of(mail, facts)
    automatic, precedence = mail.header("Auto-Submitted").lower(), mail.header("Precedence").lower()
    if not kind:
        yield NotLooked(reason="it is not known whether this is an issue or a notice to one person")
    if kind == "notice" and not automatic.startswith("auto-"):
        yield hit_in("headers", "a notice needs Auto-Submitted: auto-generated", words=automatic)
    if kind == "issue" and automatic not in {"", "no"}:
        yield hit_in("headers", "an issue has no Auto-Submitted", words=automatic)
    if precedence and (kind == "notice" or precedence not in {"bulk", "list"}):
        yield hit_in("headers", f"Precedence: {precedence}", words=precedence)
    reply_to = mail.header("Reply-To")
    address = parseaddr(reply_to)[1]
    if reply_to and (not _ADDRESS.fullmatch(address) or _NO_REPLY.fullmatch(address.partition("@")[0])):
        yield hit_in(
            "headers", "Reply-To is no address that people can write to", words=reply_to, who=Mender.SETTINGS
        )


RULES = (
    Rule(id="HDR-01", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=("headers",), looks=_fields,
         says="A header field is missing, doubled, or was not meant to be there.",
         mend="This is a fault in Everypost, or somebody tried to smuggle a field in: do not send.",
         source="RFC 5322, 3.6"),
    Rule(id="HDR-02", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=("headers",), looks=_list_id,
         says="List-Id is missing on an issue, or stands on a notice.",
         mend="Issues carry List-Id, notices to one person do not.",
         source="RFC 2919"),
    Rule(id="HDR-03", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=("data",), looks=_encoding,
         says="A header field holds what a header may not hold.",
         mend="Encode words beyond ASCII (RFC 2047); keep controls and line ends out.",
         source="RFC 2047; RFC 5322"),
    Rule(id="HDR-04", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=("headers",), looks=_answering,
         says="Automatic answers and replies would go wrong.",
         mend="Set Auto-Submitted on notices only; give a Reply-To that a person reads, or none.",
         source="RFC 3834"),
)  # fmt: skip
