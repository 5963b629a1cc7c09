"""What is wrong with the settings, told to an operator: where, what, and what to write instead.

Pure. pydantic says which setting it could not accept; here that becomes a sentence. Values of secrets are
never repeated. Neighbours: ``sources`` knows the places, ``values`` words its own refusals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from digest.errors import Fault
from digest.settings import dkim_section
from digest.settings.schema import Settings
from digest.settings.sources import PREFIX, SECRETS, Sources
from digest.settings.values import REFUSED
from digest.text.toml_places import Path_

KINDS = {  # pydantic's error types, as an operator would say them
    "int_type": "a whole number",
    "string_type": "text in quotes",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a section",
}


def fields_of(section: str) -> dict[str, FieldInfo]:
    """Return the settings of a section by name; none for an unknown section."""
    field = Settings.model_fields.get(section)
    return {} if field is None else dict(field.annotation.model_fields)  # type: ignore[union-attr]


def is_secret(path: Path_) -> bool:
    """Return whether the value at that path must never be shown."""
    if path[0] == SECRETS:
        return True
    field = fields_of(path[0]).get(path[1]) if len(path) > 1 else None
    return field is not None and field.annotation is SecretStr


def fault_of(error: ErrorDetails, sources: Sources) -> Fault:
    """Return one of pydantic's errors as a Fault."""
    path = tuple(str(part) for part in error["loc"])
    problem, mend = _words(path, error)
    return Fault(where=_where(path, sources), problem=problem, mend=mend)


def _where(path: Path_, sources: Sources) -> str:
    """Return where the value stood: itself, else something in it, else the section it is missing from."""
    if path not in sources.origins:
        inside = [where for key, where in sources.origins.items() if key[: len(path)] == path]
        if inside:
            return inside[0]
    for length in range(len(path), 0, -1):
        if path[:length] in sources.origins:
            return sources.origins[path[:length]]
    return sources.secrets_home if path[0] == SECRETS else sources.home


def _words(path: Path_, error: ErrorDetails) -> tuple[str, str]:
    """Return what is wrong and what to write instead."""
    name = ".".join(path[1:2] if path[0] == SECRETS else path[:2])
    context = error.get("ctx", {})
    kind, given = error["type"], _shown(path, error)
    if kind == REFUSED:
        return f"{name} {context['problem']}", context["mend"]
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "literal_error":
        return f"{name} is none of its choices{given}", f"Write {context['expected']}"
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = "least" if "ge" in context else "most"
        return f"{name} is out of range{given}", f"Write at {bound} {context.get('ge', context.get('le'))}"
    if kind == "missing":
        return f"{name} is missing", _example(path)
    return f"{name} must be {KINDS.get(kind, 'something else')}{given}", _example(path)


def _shown(path: Path_, error: ErrorDetails) -> str:
    """Return the value that was given, unless it is secret or long."""
    text = f"{error['input']}"
    return "" if is_secret(path) or len(text) > 60 else f": “{text}”"


def _example(path: Path_) -> str:
    """Return how the setting is written."""
    field = fields_of(path[0]).get(path[1]) if len(path) > 1 else None
    if field is None:
        return f"Write [{path[0]}] on a line of its own, and its settings below"
    example = (field.examples or [None])[0] or field.default
    written = example if str(example).startswith("{") else literal(example)
    place = "" if path[0] == SECRETS else f" below [{path[0]}]"
    return f"Write such as {path[1]} = {written}{place}"


def _unknown(path: Path_) -> tuple[str, str]:
    """Return the words for a name that no setting has, with the nearest one."""
    if len(path) == 1:
        near = get_close_matches(path[0], Settings.model_fields, n=1)
        hint = f"Did you mean [{near[0]}]?" if near else _home_of(path[0])
        return f"there is no section [{path[0]}]", hint
    section, name = path[0], path[1]
    near = get_close_matches(name, fields_of(section), n=1)
    hint = f"Did you mean {near[0]}?" if near else _home_of(name)
    place = "" if section == SECRETS else f" in [{section}]"
    return f"there is no setting {name}{place}", hint


def _home_of(name: str) -> str:
    """Return the sections that do have a setting of that name."""
    homes = [f"[{section}]" for section in Settings.model_fields if name in fields_of(section)]
    if homes:
        return f"{name} belongs below {' or '.join(homes)}"
    return "Remove it; docs/configuration.md lists every setting"


def misspelt_variables(variables: Sequence[str], ignored: frozenset[str]) -> Iterator[Fault]:
    """Yield a fault for each DIGEST_* variable that looks like a setting but names none.

    A variable is only refused when it is close to a setting's: others may belong to other programs.
    """
    names = [f"{PREFIX}{s}__{f}".upper() for s in Settings.model_fields for f in fields_of(s)]
    for variable in variables:
        near = get_close_matches(variable, names, n=1, cutoff=0.9)
        if near and variable not in ignored:
            where = f"environment variable {variable}"
            yield Fault(where=where, problem="this names no setting", mend=f"Did you mean {near[0]}?")


def missing_folder(folder: Path, sources: Sources) -> Fault:
    """Return the fault of a template folder that is not there."""
    where = _where(("templates", "folder"), sources)
    problem = f"the template folder {folder} does not exist"
    return Fault(where=where, problem=problem, mend="Create it, or remove the setting.")


def contradictions(values: Mapping[str, Any], sources: Sources) -> Iterator[Fault]:
    """Yield a fault for each pair of settings that cannot hold together.

    Looks at the values as written, so that these faults are told together with those of single values.
    """
    mail, smtp = (_table(values, name) for name in ("mail", "smtp"))
    if mail.get("backend") in ("file", "maildir") and not mail.get("folder"):
        where = _where(("mail", "backend"), sources)
        mend = 'Write such as folder = "outbox" below [mail]'
        yield Fault(where=where, problem=f'mail.backend "{mail["backend"]}" needs a folder', mend=mend)
    yield from _backends_without(values, sources)
    yield from _model_without(values, sources)
    yield from dkim_section.contradictions(
        _table(values, "dkim"),
        str(mail.get("from_address", "")),
        lambda name: _where(("dkim", name), sources),
    )
    if smtp.get("port") == 465 and smtp.get("security", "starttls") == "starttls":
        # Both sides would wait for the other to speak first (RFC 8314 §3.3).
        where = _where(("smtp", "port"), sources)
        mend = 'Write security = "tls" below [smtp], or use port 587'
        yield Fault(where=where, problem="smtp.port 465 speaks TLS from its first byte", mend=mend)
    if not smtp.get("username"):
        return
    where = _where(("smtp", "username"), sources)
    if not _table(values, SECRETS).get("smtp_password"):
        mend = f'Write smtp_password = "…" in {sources.secrets_home}'
        yield Fault(where=where, problem="smtp.username needs a password", mend=mend)
    if smtp.get("security") == "none" and smtp.get("host", "localhost") not in _THIS_MACHINE:
        mend = 'Write security = "starttls" below [smtp]'
        yield Fault(where=where, problem="the password would cross the network in the clear", mend=mend)


_NEEDS = {  # what a provider must be told, by backend
    "resend": ((SECRETS, "resend_key"),),
    "brevo": ((SECRETS, "brevo_key"),),
    "postmark": ((SECRETS, "postmark_token"),),
    "mailgun": (("mailgun", "domain"), (SECRETS, "mailgun_key")),
    "sendgrid": ((SECRETS, "sendgrid_key"),),
    "sparkpost": ((SECRETS, "sparkpost_key"),),
    "mailjet": ((SECRETS, "mailjet_key"), (SECRETS, "mailjet_secret")),
}


def _backends_without(values: Mapping[str, Any], sources: Sources) -> Iterator[Fault]:
    """Yield a fault for everything that a backend in use must be told and is not."""
    mail, secrets = _table(values, "mail"), _table(values, SECRETS)
    for setting in ("backend", "fallback"):
        name, where = mail.get(setting), _where(("mail", setting), sources)
        for section, needed in _NEEDS.get(str(name), ()):
            if not _table(values, section).get(needed):
                place = sources.secrets_home if section == SECRETS else f"[{section}]"
                mend = f'Write {needed} = "…" in {place}'
                yield Fault(where=where, problem=f'mail.{setting} "{name}" needs {needed}', mend=mend)
        if name == "ses" and bool(secrets.get("ses_access_key_id")) != bool(
            secrets.get("ses_secret_access_key")
        ):
            mend = f"Write both in {sources.secrets_home}, or neither"
            problem = "ses_access_key_id and ses_secret_access_key go together"
            yield Fault(where=where, problem=problem, mend=mend)
    if mail.get("fallback") and mail.get("fallback") == mail.get("backend", "smtp"):
        mend = "Name another backend, or remove the setting"
        where = _where(("mail", "fallback"), sources)
        yield Fault(where=where, problem="mail.fallback is the same as mail.backend", mend=mend)


def _model_without(values: Mapping[str, Any], sources: Sources) -> Iterator[Fault]:
    """Yield a fault for everything that a language model must be told and is not."""
    llm, key = _table(values, "llm"), _table(values, SECRETS).get("llm_key")
    provider, base_url = llm.get("provider", "off"), str(llm.get("base_url", ""))
    if provider == "off":
        return
    where = _where(("llm", "provider"), sources)
    if not llm.get("model"):
        mend = 'Write such as model = "…" below [llm]'
        yield Fault(where=where, problem=f'llm.provider "{provider}" needs a model', mend=mend)
    if provider in ("openai", "anthropic") and not base_url and not key:
        mend = f'Write llm_key = "…" in {sources.secrets_home}'
        yield Fault(where=where, problem=f'llm.provider "{provider}" needs llm_key', mend=mend)
    if llm.get("max_cost_per_issue") and not (llm.get("price_in") or llm.get("price_out")):
        mend = "Write price_in and price_out below [llm]"
        problem = "llm.max_cost_per_issue means nothing without prices"
        yield Fault(where=_where(("llm", "max_cost_per_issue"), sources), problem=problem, mend=mend)
    if key and base_url.startswith("http://") and urlsplit(base_url).hostname not in _THIS_MACHINE:
        problem = "llm_key would cross the network in the clear"
        mend = "Write https:// before llm.base_url, or remove the key"
        yield Fault(where=_where(("llm", "base_url"), sources), problem=problem, mend=mend)


_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = values.get(name)
    return table if isinstance(table, dict) else {}


def literal(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)} = {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(literal(item) for item in value)}]"
    escaped = re.sub(r'["\\]', r"\\\g<0>", str(value))
    return f'"{escaped}"'


def in_order(faults: Sequence[Fault]) -> list[Fault]:
    """Return faults by file, then by line, each sentence closed."""

    def position(fault: Fault) -> tuple[str, int]:
        place, _, line = fault.where.partition(", line ")
        return place, int(line or 0)

    closed = (fault if fault.mend.endswith(("?", ".")) else _close(fault) for fault in faults)
    return sorted(closed, key=position)


def _close(fault: Fault) -> Fault:
    return Fault(where=fault.where, problem=fault.problem, mend=fault.mend + ".")
