"""INB: the line in the inbox: subject, preheader and sender."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from email.utils import parseaddr

from digest.quality.elements import hit, hit_in, is_hidden, plain
from digest.quality.facts import Facts
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, NotLooked, Rule, Severity

LONGEST_SUBJECT = 70
WIDTHS = {"Gmail on Android": 33, "iPhone": 48, "Gmail on the web": 70}
"""Characters of a subject that are seen, by where; measured on devices (emailtooltester)."""
_SEEN_EVERYWHERE = 33
_PREHEADER = (40, 140)
_LONGEST_SENDER = 25
_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|rv|sv|vs)\s*:\s*", re.IGNORECASE)
_CURRENCY = re.compile(r"[$€£¥]\s*\d|\d\s*[$€£¥]")
_FREE = re.compile(r"\b(?:free|gratis|kostenlos|gratuit|libre)\b", re.IGNORECASE)
_FUNCTION_WORDS = frozenset([
    "the", "and", "for", "but", "with", "from", "that", "this", "these", "those", "your", "our", "their",
    "its", "his", "her", "you", "are", "was", "were", "will", "what", "when", "how", "why", "who", "der",
    "die", "das", "und", "für", "mit", "von", "ein", "eine", "ist", "les", "des", "une", "dans", "pour",
    "avec", "que", "los", "las", "una", "para", "con", "del", "della", "che", "non",
])  # fmt: skip


def subject_of(mail: Mail, facts: Facts) -> str | None:
    """Return the subject, from the headers or as told; None where neither has one."""
    return mail.header("Subject") if mail.headers is not None else facts.subject


def _empty(mail: Mail, facts: Facts) -> Iterator[Hit]:
    if not plain(subject_of(mail, facts) or ""):
        yield hit_in("headers")


def _long(mail: Mail, facts: Facts) -> Iterator[Hit]:
    subject = plain(subject_of(mail, facts) or "")
    shown = "; ".join(f"{where}: “{cut(subject, width)}”" for where, width in WIDTHS.items())
    if len(subject) > LONGEST_SUBJECT:
        yield hit_in("headers", f"{len(subject)} characters. {shown}", words=subject)
    elif subject and not _has_content(subject[:_SEEN_EVERYWHERE]):
        yield hit_in(
            "headers", f"its first {_SEEN_EVERYWHERE} characters say nothing. {shown}", words=subject
        )


def cut(text: str, width: int) -> str:
    """Return a subject as an inbox of that width shows it."""
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def _has_content(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text.lower())
    return any((len(word) >= 3 and word not in _FUNCTION_WORDS) or not word.isascii() for word in words)


def _preheader(mail: Mail, facts: Facts) -> Iterator[Hit]:
    first = next(((element, plain(text)) for element, text in mail.texts if plain(text)), None)
    if first is None or not is_hidden(first[0]):
        yield hit_in("html", "there is none")
        return
    element, words = first
    shortest, longest = _PREHEADER
    if not shortest <= len(words) <= longest:
        yield hit(element, f"{len(words)} characters; {shortest} to {longest} are shown well")
    elif words.lower() == plain(subject_of(mail, facts) or "").lower():
        yield hit(element, "it repeats the subject")


def _repeated(mail: Mail, facts: Facts) -> Iterator[Hit]:
    subject = _bare(subject_of(mail, facts) or "")
    if subject and any(_bare(one) == subject for one in facts.recent_subjects or ()):
        yield hit_in("headers", words=subject_of(mail, facts) or "")


def _bare(subject: str) -> str:
    return plain(_REPLY.sub("", subject)).lower()


def is_emoji(character: str) -> bool:
    """Return whether a character is a picture of its own."""
    return unicodedata.category(character) == "So" and ord(character) >= 0x2600


def _loud(mail: Mail, facts: Facts) -> Iterator[Hit]:
    subject = plain(subject_of(mail, facts) or "")
    letters = sum(map(str.isalpha, subject))
    if letters >= 10 and subject.isupper() and len(subject.split()) > 1:
        yield hit_in("headers", "all in capitals", words=subject)
    if "!!" in subject:
        yield hit_in("headers", "“!!”", words=subject)
    if _REPLY.match(subject):
        yield hit_in("headers", "it pretends to be an answer", words=subject)
    if sum(map(is_emoji, subject)) > 1:
        yield hit_in("headers", "more than one emoji", words=subject)
    if _CURRENCY.search(subject) and _FREE.search(subject):
        yield hit_in("headers", "money, and “free”", words=subject)


def _sender(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    name = parseaddr(mail.header("From"))[0]
    if len(name) > _LONGEST_SENDER:
        yield hit_in("headers", f"{len(name)} characters of at most {_LONGEST_SENDER}", words=name)
    if facts.recent_senders is None:
        yield NotLooked(reason="the senders of past issues were not gathered")
    elif facts.recent_senders and name not in facts.recent_senders:
        yield hit_in("headers", f"the last issues came from “{facts.recent_senders[0]}”", words=name)


_SUBJECT = ("subject",)
RULES = (
    Rule(id="INB-01", severity=Severity.ERROR, who=Mender.CONTENT, needs=_SUBJECT, looks=_empty,
         says="The subject is empty.",
         mend="Give the issue a subject, or the post a title.",
         source="RFC 5322, 3.6.5"),
    Rule(id="INB-02", severity=Severity.WARNING, who=Mender.CONTENT, needs=_SUBJECT, looks=_long,
         says="The subject is longer than inboxes show, or begins with words that say nothing.",
         mend="Put what it is about into the first 33 characters; stay below 70.",
         source="measured on devices (emailtooltester)"),
    Rule(id="INB-03", severity=Severity.WARNING, who=Mender.CONTENT, needs=("html",), looks=_preheader,
         says="The preheader is missing, too short or too long, or repeats the subject.",
         mend="Let the first hidden sentence say in 40 to 140 characters what the subject does not.",
         source="measured on devices (emailtooltester)"),
    Rule(id="INB-04", severity=Severity.WARNING, who=Mender.CONTENT, needs=("subject", "recent_subjects"),
         looks=_repeated,
         says="One of the last 26 issues had the same subject: Gmail shows the two as one conversation.",
         mend="Word it differently.",
         source="Gmail threads by subject and sender"),
    Rule(id="INB-05", severity=Severity.WARNING, who=Mender.CONTENT, needs=_SUBJECT, looks=_loud,
         says="The subject shouts or pretends, as spam does.",
         mend="Word it calmly, or let `digest check --fix` do it.",
         source="SpamAssassin"),
    Rule(id="INB-06", severity=Severity.WARNING, who=Mender.SETTINGS, needs=("headers",), looks=_sender,
         says="The sender's name is cut off in inboxes, or is not the usual one.",
         mend="Keep mail.from_name to 25 characters, and the same for ever.",
         source="measured on devices (emailtooltester)"),
)  # fmt: skip
