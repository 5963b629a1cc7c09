"""Reads Link headers (RFC 8288): how a server names a hub, a feed's own address or an interface.

Pure. Neighbours: ``push`` looks for hubs here, ``backfill`` for WordPress's REST interface.
"""

from __future__ import annotations

import re

from digest.feeds import markup

_LINK = re.compile(r"<([^<>]*)>((?:[^,\"]|\"[^\"]*\")*)")
_PARAMETER = re.compile(r";\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]*))")


def first_of(header: str, relation: str, base_url: str) -> str:
    """Return the first address a Link header gives for a relation, absolute; empty when it gives none.

    Relations are compared without regard to case, and one link may have several (RFC 8288 §3.3).
    """
    for target, parameters in _LINK.findall(header):
        address = markup.absolute(target, base_url)
        if address and relation.lower() in _relations(parameters):
            return address
    return ""


def _relations(parameters: str) -> list[str]:
    """Return what a link says it is, in lower case; only its first ``rel`` counts (RFC 8288 §3.3)."""
    for name, quoted, bare in _PARAMETER.findall(parameters):
        if name.lower() == "rel":
            relations: str = quoted or bare
            return relations.lower().split()
    return []
