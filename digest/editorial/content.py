"""An issue's content as canonical JSON, and its hash: what was approved is what is sent (invariant 2).

Pure. ``content_hash`` covers every item any segment can show, their order, the sponsors, the publication, the
template set and the renderer's version, so that a change of any of them after approval is noticed.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import TypeAdapter

from digest.model import Content, Publication

RENDERER = "2"
"""Rises whenever equal content would render differently: the freeze then finds another hash than approved."""

_ADAPTER = TypeAdapter(Content)
_PUBLICATION = TypeAdapter(Publication)


def to_json(content: Content) -> dict[str, Any]:
    """Return the content as values that JSON can hold."""
    values: dict[str, Any] = _ADAPTER.dump_python(content, mode="json")
    return values


def from_json(values: dict[str, Any]) -> Content:
    """Return the content that ``to_json`` was given."""
    return _ADAPTER.validate_python(values)


def content_hash(content: Content, *, publication: Publication, templates_hash: str) -> str:
    """Return the SHA-256 (hex) that an approval names."""
    whole = {
        "content": to_json(content),
        "publication": _PUBLICATION.dump_python(publication, mode="json"),
        "templates": templates_hash,
        "renderer": RENDERER,
    }
    text = json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
