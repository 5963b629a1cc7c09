"""Renders with an operator's own templates in a process that cannot take more than its share.

The sandbox keeps a template from reaching anything; this keeps it from running for ever or filling the
memory. Our own templates are tested and run in place: a process costs most of a second, once per segment.

    parent: editions and notices, templates    ──JSON──► child (time, memory, size bounded)
            a rendering or what is wrong, each ◄──JSON──

JSON both ways: the child's answer is read as data and never as code.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from digest.errors import TemplateFault, UnknownName
from digest.model import Edition, Publication, Rendering
from digest.rendering.issue import render_issue
from digest.rendering.transactional import render_notice

if TYPE_CHECKING:  # the child needs no store
    from digest.pipeline.tools import Tools

WALL_S = 30  # from the start of the process to its answer, on a busy machine
PROCESSOR_S = 10
MEMORY = 768 * 1024 * 1024  # bytes of address space; a large issue needs a third of it
LARGEST = 1024 * 1024  # characters of one part; Gmail cuts at a tenth of that

_EDITION, _PUBLICATION, _RENDERING = TypeAdapter(Edition), TypeAdapter(Publication), TypeAdapter(Rendering)


def issue_mail(edition: Edition, publication: Publication, tools: Tools) -> Rendering:
    """Return the mail for an edition; raise TemplateFault for a broken template, or one without end."""
    if not tools.own_mails:
        return render_issue(edition, publication, tools.templates)
    return told(asked([of_issue(edition, publication)], tools)[0])


def notice_mail(kind: str, facts: Mapping[str, str], publication: Publication, tools: Tools) -> Rendering:
    """Return the mail for a notice; raise UnknownName and TemplateFault."""
    if not tools.own_mails:
        return render_notice(kind, facts, publication, tools.templates)
    return told(asked([of_notice(kind, facts, publication)], tools)[0])


def of_issue(edition: Edition, publication: Publication) -> dict[str, Any]:
    """Return the request for the mail of an edition."""
    return {
        "edition": _EDITION.dump_python(edition, mode="json"),
        "publication": _PUBLICATION.dump_python(publication, mode="json"),
    }


def of_notice(kind: str, facts: Mapping[str, str], publication: Publication) -> dict[str, Any]:
    """Return the request for a notice."""
    shown = _PUBLICATION.dump_python(publication, mode="json")
    return {"kind": kind, "facts": dict(facts), "publication": shown}


def asked(requests: list[dict[str, Any]], tools: Tools) -> list[dict[str, Any]]:
    """Return what one confined process answers to each request; nothing to any where it had to be ended."""
    whole = {"requests": requests, "templates": dict(tools.templates)}
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "digest.pipeline.confine"],
            input=json.dumps(whole).encode(),
            capture_output=True,
            timeout=WALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [{} for _ in requests]
    answers: list[dict[str, Any]] = json.loads(ended.stdout) if ended.returncode == 0 else []
    return answers or [{} for _ in requests]


def told(answer: Mapping[str, Any]) -> Rendering:
    """Return the rendering in an answer; raise UnknownName and TemplateFault for what else it says."""
    if "rendering" in answer:
        return _RENDERING.validate_python(answer["rendering"])
    if "unknown" in answer:
        raise UnknownName(answer["unknown"])
    if "fault" in answer:
        raise TemplateFault(answer["fault"], template=answer["template"], line=answer["line"])
    raise TemplateFault(
        f"A template of your own takes more than {PROCESSOR_S} seconds or {MEMORY // 1024**2} MB, or makes a"
        " part that is too large for any mail: look for a loop in a loop, and try `digest template check`.",
        template="email",
    )


# --- In the child ----------------------------------------------------------------------------------


def _bound() -> None:
    """Allow this process so much memory and time, and no file."""
    import resource  # noqa: PLC0415 -- POSIX only, and only the child needs it

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def answer(request: Mapping[str, Any], templates: Mapping[str, str]) -> dict[str, Any]:
    """Return the rendering that was asked for, or what is wrong with its templates, as JSON has it."""
    publication = _PUBLICATION.validate_python(request["publication"])
    try:
        if "edition" in request:
            made = render_issue(_EDITION.validate_python(request["edition"]), publication, templates)
        else:
            made = render_notice(request["kind"], request["facts"], publication, templates)
    except MemoryError:  # it took all it was given
        return {}
    except TemplateFault as fault:
        return {"fault": str(fault), "template": fault.template, "line": fault.line}
    except UnknownName as error:
        return {"unknown": str(error)}
    if max(len(made.html), len(made.text), len(made.subject)) > LARGEST:
        return {}
    return {"rendering": _RENDERING.dump_python(made, mode="json")}


def main() -> None:
    """Answer every request on stdin, on stdout."""
    _bound()
    whole = json.loads(sys.stdin.buffer.read())
    answers = [answer(request, whole["templates"]) for request in whole["requests"]]
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()
