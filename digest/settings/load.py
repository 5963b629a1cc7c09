"""Makes a Settings from digest.toml, digest.secrets.toml and the environment, later ones winning.

Either every setting is right, or ConfigurationError tells every fault at once. Neighbours: ``sources`` reads,
``schema`` judges, ``faults`` finds the words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin

from pydantic import SecretStr, ValidationError

from digest.errors import ConfigurationError
from digest.settings.faults import (
    contradictions,
    fault_of,
    fields_of,
    in_order,
    missing_folder,
    misspelt_variables,
)
from digest.settings.schema import Settings
from digest.settings.sources import Sources, read_environment, read_file, read_secrets, secrets_path
from digest.text.toml_places import Path_

NOT_SETTINGS = frozenset(
    {"DIGEST_CONFIG", "DIGEST_DEBUG", "DIGEST_FAILPOINT"}
)  # the command line reads these itself


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of ``path``, the secrets file beside it, and ``DIGEST_*`` in ``environ``.

    ``path`` None means the environment alone. Raises ConfigurationError with every fault found.
    """
    sources = Sources()
    if path is not None:
        sources.home, sources.secrets_home = str(path), str(secrets_path(path))
        read_file(sources, path)
        read_secrets(sources, secrets_path(path))
    read_environment(sources, environ, parse_variable)
    sources.faults += misspelt_variables(sources.variables, NOT_SETTINGS)
    settings = check(sources).relative_to(path.parent if path else Path())
    folder = settings.template_folder()
    if folder is not None and not folder.is_dir():
        raise ConfigurationError([missing_folder(folder, sources)])
    return settings


def check(sources: Sources) -> Settings:
    """Return what was read as Settings, or raise ConfigurationError with every fault, of reading too."""
    faults = list(sources.faults)
    if not sources.complete:
        raise ConfigurationError(in_order(faults))
    for name, section in Settings.model_fields.items():
        if section.is_required():  # an absent section is told setting by setting
            sources.values.setdefault(name, {})
    faults += contradictions(sources.values, sources)
    try:
        settings = Settings.model_validate(sources.values)
    except ValidationError as error:
        faults += [fault_of(detail, sources) for detail in error.errors(include_url=False)]
        # The cause would repeat the values, secrets included.
        raise ConfigurationError(in_order(faults)) from None
    if faults:
        raise ConfigurationError(in_order(faults))
    return settings


def parse_variable(path: Path_, text: str) -> Any:
    """Return a variable's value: plain text where the setting is text, else written as in digest.toml.

    A list may also be written without brackets, its items parted by commas.
    """
    field = fields_of(path[0]).get(path[1])
    if (
        field is None
        or len(path) > 2
        or isinstance(field.default, str)
        or field.annotation in (str, SecretStr)
    ):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        if get_origin(field.annotation) is tuple:
            return [item.strip() for item in text.split(",") if item.strip()]
        return text
