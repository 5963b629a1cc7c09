"""Whether every mail can be rendered with the templates there are, tried on made-up data.

Neighbours: ``rendering.samples`` makes the data up, ``confine`` renders where a template is the operator's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from digest.errors import TemplateFault
from digest.model import Edition, Publication, Rendering
from digest.pipeline import confine
from digest.pipeline.tools import Tools
from digest.rendering.issue import render_web
from digest.rendering.samples import editions, notice_facts
from digest.rendering.transactional import TO_US
from digest.rendering.wording import choices_in_words
from digest.text.catalogues import SOURCE
from subscribers.model import Cadence


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What trying one mail showed."""

    mail: str  # "weekly digest", "confirm"
    problem: str = ""  # empty: it renders
    template: str = ""
    line: int | None = None


def prove(tools: Tools) -> list[Proof]:
    """Return one line per mail, each tried with sample data in the publication's own language."""
    publication = tools.speaking()
    english = replace(publication, language=SOURCE)
    shown = editions(publication)
    found = _mails(tools, publication, english, shown)
    page = partial(render_web, shown["weekly digest"], publication, tools.templates)
    found.append(_tried("web page of an issue", page))
    for cadence in Cadence:
        words = partial(choices_in_words, cadence, ("Prisons",), publication, tools.templates)
        found.append(_tried(f"choice of {cadence.value}", words))
    return found


def _mails(
    tools: Tools, publication: Publication, english: Publication, shown: Mapping[str, Edition]
) -> list[Proof]:
    """Return what trying each mail showed: all in one process, each in its own where that was ended."""
    requests = {name: confine.of_issue(its, publication) for name, its in shown.items()}
    for kind, facts in notice_facts(publication).items():
        requests[kind] = confine.of_notice(kind, facts, english if kind in TO_US else publication)
    answers = confine.asked(list(requests.values()), tools)
    if not all(answers):
        answers = [confine.asked([request], tools)[0] for request in requests.values()]
    return [_tried(name, partial(confine.told, its)) for name, its in zip(requests, answers, strict=True)]


def _tried(name: str, rendering: Callable[[], Rendering | str]) -> Proof:
    try:
        rendering()
    except TemplateFault as fault:
        return Proof(mail=name, problem=str(fault), template=fault.template, line=fault.line)
    return Proof(mail=name)
