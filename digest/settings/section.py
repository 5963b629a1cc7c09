"""How a section of the settings is built. Neighbours: ``schema`` and ``provider_sections`` build theirs."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def required(example: str, meaning: str) -> Any:
    """Return a setting that must be given, with an example of it."""
    return Field(description=meaning, examples=[example])


def optional(default: Any, meaning: str, **limits: Any) -> Any:
    """Return a setting with a default."""
    # Defaults are written as an operator would write them, and checked like what an operator wrote.
    return Field(default, description=meaning, **limits)


class Section(BaseModel):
    """One table of digest.toml: no unknown keys, no guessing at types, no change afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, validate_default=True, hide_input_in_errors=True
    )
