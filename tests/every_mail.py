"""One mail of every kind there is, as a reader gets it: what the browser, w3m and SpamAssassin look at.

The notices are taken from the folders of ``templates/email``: a new one is covered by itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from digest.model import Edition, IssueKind, Publication, Rendering
from digest.rendering.issue import render_issue
from digest.rendering.personalise import Kind, personalise, prepare
from digest.rendering.transactional import FACTS, render_notice
from digest.template_files import read_templates
from tests.factories_mail import DATE, LEAD, digest, publication, recipient, single

EMAIL = Path(__file__).parent.parent / "templates" / "email"
_ISSUES = ("digest", "post")

# Words and an address that no line can hold, where a mail shows what an editor or the operator wrote.
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunter"
ADDRESS = "https://quietbench.example/" + "a-very-long-address-without-a-place-to-break" * 4
ARABIC = replace(
    LEAD,
    title="أيام أطول وقضايا أقل: ما الذي لا تقوله تقارير العمل",
    standfirst="تبدو الأرقام الجديدة مريحة، لكن من كتبوها يصفون شيئا آخر.",
    summary="انخفض عدد القضايا في خمس مناطق، وارتفع وقت الكتابة فيها جميعا.",
    html="<p>تصل التقارير كل ثلاثة أشهر.</p><ul><li>كم عددهم؛</li><li>كم من الوقت.</li></ul>"
    "<blockquote><p>وقت أقل لكل واحد منهم.</p></blockquote>",
    language="ar",
    direction="rtl",
)


def notices() -> list[str]:
    """Return every kind of mail that is not an issue."""
    return sorted(path.parent.name for path in EMAIL.glob("*/body.html") if path.parent.name not in _ISSUES)


def editions(direction: str) -> dict[str, Edition]:
    """Return every kind of issue, by name."""
    lead = ARABIC if direction == "rtl" else LEAD
    digests = {
        kind.value: digest(kind=kind, name=f"{kind.value}-2026-06-14", lead=lead)
        for kind in (IssueKind.DAILY, IssueKind.WEEKLY, IssueKind.FORTNIGHTLY, IssueKind.MONTHLY)
    }
    endless = f"<p>{WORD} <a href='{ADDRESS}'>{ADDRESS}</a></p><pre>{WORD * 3}</pre>"
    excerpt = replace(lead, html="<p>Only the first lines are here, the rest is on the web.</p>", image=None)
    return digests | {
        "post in full": single(lead=lead, title=lead.title),
        "post as an excerpt": single(lead=excerpt, title=lead.title),
        "long words": digest(title=WORD, intro=ADDRESS, lead=replace(lead, title=WORD, standfirst=ADDRESS)),
        "long words in a post": single(lead=replace(lead, title=WORD, html=endless)),
        "one post": digest(sections=(), count=1, period_start=date(2026, 6, 14)),
    }


KINDS = [*editions("ltr"), *notices()]


def _facts(kind: str) -> dict[str, str]:
    """Return something for every fact a notice may show, an address where it asks for one."""
    assert kind in FACTS, f"templates/email/{kind} is the folder of a notice that nothing makes"
    url = "https://mail.quietbench.example/confirm/k1.a1b2c3d4e5f60718.c2lnbmF0dXJlIG9mIHRoZSBsaW5r"
    return {name: url if name.endswith("url") else f"Something about {name}, {WORD}" for name in FACTS[kind]}


@cache
def mail(kind: str, direction: str = "ltr", accent: str = "#0F4C5C") -> EmailMessage:
    """Return the finished mail of a kind, parsed."""
    of = publication(language="ar" if direction == "rtl" else "en-GB", accent=accent)
    rendering, sort, reference = _rendered(kind, direction, of)
    prepared = prepare(rendering, of, kind=sort, reference=reference, language=of.language)
    parsed = message_from_bytes(personalise(prepared, recipient(), DATE).data, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _rendered(kind: str, direction: str, of: Publication) -> tuple[Rendering, Kind, str]:
    templates = read_templates()
    if kind in notices():
        return render_notice(kind, _facts(kind), of, templates), "notice", kind
    edition = editions(direction)[kind]
    return render_issue(edition, of, templates), "issue", edition.name


def html(kind: str, direction: str = "ltr", accent: str = "#0F4C5C") -> str:
    """Return the HTML part of a kind of mail."""
    return part(mail(kind, direction, accent), "html")


def text(kind: str) -> str:
    """Return the text part of a kind of mail."""
    return part(mail(kind), "plain")


def part(of: EmailMessage, sort: str) -> str:
    found = of.get_body((sort,))
    assert found is not None
    content: str = found.get_content()
    return content
