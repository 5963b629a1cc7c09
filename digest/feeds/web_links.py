"""Reads Link headers (RFC 8288): how a server names a hub, a feed's own address or an interface.

Pure. Neighbours: ``push`` looks for hubs here, ``backfill`` for WordPress's REST interface.
"""

from __future__ import annotations

import re

from digest.feeds import markup

_LINK = re.compile(r"<([^<>]*)>((?:[^,\"]|\"[^\"]*\")*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


def first_of(header: str, relation: str, base_url: str) -> str:
    """Return the first address a Link header gives for a relation, absolute; empty when it gives none.

    Relations are compared without regard to case, and one link may have several (RFC 8288 §3.3).
    """
    for target, parameters in _LINK.findall(header):
        named = _RELATION.search(parameters)
        relations = (named[1] or named[2] or "").lower().split() if named else []
        address = markup.absolute(target, base_url)
        if relation.lower() in relations and address:
            return address
    return ""
