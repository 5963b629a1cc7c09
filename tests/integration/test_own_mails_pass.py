"""Every kind of mail that our templates make passes our own gate: no error, no warning, in six languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.model import Edition, IssueKind, Publication, Rendering
from digest.quality.check import check
from digest.quality.facts import Facts, ShownPost, ShownSponsor
from digest.quality.mail import read_mail
from digest.quality.report import Finding, Severity
from digest.rendering.issue import render_issue, source_css
from digest.rendering.personalise import Kind, personalise, planned_fields, prepare
from digest.rendering.samples import notice_facts
from digest.rendering.transactional import FACTS, TO_US, render_notice
from digest.template_files import read_templates
from digest.text.catalogues import SOURCE
from tests.every_mail import notices
from tests.factories_mail import DATE, LEAD, SPONSOR, arabic, digest, image, publication, recipient
from tests.factories_mail import single as a_post

TEMPLATES = read_templates()
LANGUAGES = ("en-GB", "fr", "de", "es", "pt", "ar")
CADENCES = (IssueKind.DAILY, IssueKind.WEEKLY, IssueKind.FORTNIGHTLY, IssueKind.MONTHLY)
URL = "https://mail.quietbench.example/confirm/k1.a1b2c3d4e5f60718.c2lnbmF0dXJlIG9mIHRoZSBsaW5r"
TOLD = {
    "choices": "You asked The Quiet Bench for the weekly digest.",
    "next_date": "Sunday 14 June 2026",
    "problem": "The issue weekly-2026-06-14 is held back: it cannot be rendered.",
    "detail": "digest/body.html, line 12: 'edition.colour' is undefined",
    "what_to_do": "Mend the template; the next run tries again. Nobody was mailed.",
}
ARABIC_CHOICES = "تصلك النشرة الأسبوعية عن السجون والمحاكم."
ARABIC_PUBLICATION = {
    "tagline": "أبحاث العدالة بقراءة متأنية",
    "author": "آدا مارلو",
    "postal_address": "المقعد الهادئ، ٣ شارع الطاحونة، القاهرة",
}
ARABIC_SPONSOR = replace(
    SPONSOR, text="يجمع ملاحظات القضايا وخططها ومواعيدها في مكان واحد.", link_text="كيف تعمل Lantern"
)


def of(language: str) -> Publication:
    """Return the publication as it speaks that language; its Arabic words are Arabic."""
    return publication(language=language, **(ARABIC_PUBLICATION if language == "ar" else {}))


def issues(language: str) -> dict[str, Edition]:
    """Return every kind of issue, by name."""
    if language == "ar":
        picture = image("lead", alt="غرفة قراءة يضيئها مصباح واحد", credit="رسم: المقعد الهادئ")
        usual = arabic(sponsor=ARABIC_SPONSOR)
        lead = replace(
            usual.lead or LEAD,
            image=picture,
            html="<p>تصل التقارير كل ثلاثة أشهر.</p><h2>ما تعدّه</h2><ul><li>كم عددهم؛</li></ul>"
            "<blockquote><p>وقت أقل لكل واحد منهم.</p></blockquote>",
        )
        sections = tuple(
            replace(
                one,
                sponsor=one.sponsor and replace(one.sponsor, text=ARABIC_SPONSOR.text),
                items=tuple(replace(item, image=item.image and picture) for item in one.items),
            )
            for one in usual.sections
        )
        usual = replace(usual, lead=lead, sections=sections)
        post = replace(
            usual, layout="post", sections=(), count=1, kind=IssueKind.EVERY_POST, title=lead.title
        )
    else:
        lead, usual, post = LEAD, digest(), a_post()
    excerpt = replace(lead, html="<p>" + (lead.summary or lead.standfirst) + "</p>", image=None)
    return {kind.value: replace(usual, kind=kind) for kind in CADENCES} | {
        "every post": post,
        "every post, an excerpt": replace(post, lead=excerpt),
        "every post, two of them": replace(usual, kind=IssueKind.EVERY_POST),
        "one post": replace(usual, sections=(), count=1),
        "without pictures": replace(usual, lead=replace(lead, image=None)),
        "without a sponsor": replace(usual, sponsor=None, intro=""),
    }


def facts_of(edition: Edition, speaking: Publication) -> Facts:
    """Return what the pipeline knows of an issue when the gate looks at it."""
    items = [edition.lead, *(item for one in edition.sections for item in one.items)]
    sponsors = (edition.sponsor, *(one.sponsor for one in edition.sections))
    return Facts(
        kind="issue",
        layout=edition.layout,
        sender=speaking.name,
        postal_address=speaking.postal_address,
        planned_headers=planned_fields(speaking, "issue"),
        source_css=source_css(edition, speaking, TEMPLATES),
        posts=tuple(
            ShownPost(
                title=item.title,
                link=item.link,
                picture=item.image.url if item.image else "",
                credit=item.image.credit if item.image else "",
            )
            for item in items
            if item
        ),
        lead=edition.lead.link if edition.lead else "",
        sponsors=tuple(
            ShownSponsor(name=one.name, link=one.link, ends_on=one.ends_on) for one in sponsors if one
        ),
        sent_on=DATE.date(),
        recent_subjects=(),
    )


def found(rendering: Rendering, speaking: Publication, kind: Kind, facts: Facts) -> list[Finding]:
    """Return the errors and warnings in the finished mail of a rendering."""
    prepared = prepare(rendering, speaking, kind=kind, reference="x", language=speaking.language)
    reader = (
        recipient(choices=ARABIC_CHOICES, since="٣ مارس ٢٠٢٦") if speaking.language == "ar" else recipient()
    )
    report = check(read_mail(personalise(prepared, reader, DATE).data), facts)
    return [one for one in report.findings if one.severity is not Severity.NOTE]


def told(findings: list[Finding]) -> str:
    return "\n".join(f"{one.rule} {one.says} {one.detail} {one.place.snippet}" for one in findings)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", issues("en-GB"))
def test_an_issue_of_ours_has_no_error_and_no_warning(kind: str, language: str) -> None:
    edition, speaking = issues(language)[kind], of(language)
    rendering = render_issue(edition, speaking, TEMPLATES)
    findings = found(rendering, speaking, "issue", facts_of(edition, speaking))
    assert not findings, told(findings)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", notices())
def test_a_notice_of_ours_has_no_error_and_no_warning(kind: str, language: str) -> None:
    speaking = of(SOURCE if kind in TO_US else language)  # operator and editor are spoken to in English
    sample = notice_facts(speaking)[kind]
    facts = {name: URL if name.endswith("url") else TOLD.get(name) or sample[name] for name in FACTS[kind]}
    if kind == "re-permission":  # its link keeps a subscription, it does not begin one
        facts["confirm_url"] = URL.replace("/confirm/", "/keep/")
    if "choices" in facts and language == "ar":
        facts["choices"] = ARABIC_CHOICES
    rendering = render_notice(kind, facts, speaking, TEMPLATES)
    known = Facts(
        kind="notice",
        sender=speaking.name,
        postal_address=speaking.postal_address,
        planned_headers=planned_fields(speaking, "notice"),
        recent_subjects=(),
    )
    findings = found(rendering, speaking, "notice", known)
    assert not findings, told(findings)


def test_a_fault_in_one_of_our_mails_would_be_found() -> None:
    edition, speaking = digest(), of("en-GB")
    broken = TEMPLATES | {"email/digest/body.html": TEMPLATES["email/digest/body.html"].replace('alt=""', "")}
    findings = found(render_issue(edition, speaking, broken), speaking, "issue", facts_of(edition, speaking))
    assert "A11Y-03" in {one.rule for one in findings}
