"""CSS-12: what the mail uses that some mail programs do not know, as caniemail measured it.

The data is a file of the package, read once like an import; ``make caniemail`` renews it. More than half of
its tests are years old, so a finding here is never more than a note, and says when it was tested.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from digest.quality.facts import Facts
from digest.quality.features import features
from digest.quality.harmless import HARMLESS
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, Rule, Severity

_SHOWN = 4  # programs named; the rest are counted


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What caniemail says of one feature."""

    title: str
    tested: str  # the day of the last test, as ISO writes it
    states: Mapping[str, str]  # "y", "n", "a" (partly) or "u" (unknown), by mail program
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Caniemail:
    """The data, and where it came from."""

    source: str
    data_date: str
    clients: Mapping[str, str]  # name for people, by caniemail's family.platform
    features: Mapping[str, Feature]


@cache
def caniemail() -> Caniemail:
    """Return caniemail's data as it was when this package was made."""
    read = json.loads(files("digest.quality").joinpath("caniemail.json").read_text(encoding="utf-8"))
    clients = read["clients"]
    return Caniemail(
        source=read["source"],
        data_date=read["data_date"],
        clients=clients,
        features={
            slug: Feature(
                title=one["title"],
                tested=one["tested"],
                states=dict(zip(clients, one["states"], strict=True)),
                notes=tuple(one.get("notes", ())),
            )
            for slug, one in read["features"].items()
        },
    )


def _unsupported(mail: Mail, facts: Facts) -> Iterator[Hit]:
    data = caniemail()
    asked = facts.clients if facts.clients is not None else tuple(data.clients)
    for slug, where in sorted(features(mail).items()):
        feature = data.features.get(slug)
        if feature is None or slug in HARMLESS:
            continue
        without = [data.clients[client] for client in asked if feature.states.get(client) == "n"]
        if without:
            yield replace(where, detail=_told(feature, without, len(asked)))


def _told(feature: Feature, without: list[str], asked: int) -> str:
    named = ", ".join(without[:_SHOWN]) + (" and others" if len(without) > _SHOWN else "")
    notes = f" {feature.notes[0]}" if feature.notes else ""
    return f"{feature.title}: not in {named} ({len(without)} of {asked}; tested {feature.tested}).{notes}"


RULES = (
    Rule(id="CSS-12", severity=Severity.NOTE, who=Mender.TEMPLATE, needs=("html",), looks=_unsupported,
         says="Some mail programs do not know this.",
         mend="Look at the mail without it; where nothing is lost, leave it.",
         source="caniemail (MIT)"),
)  # fmt: skip
