"""The section of the language model, and what it comes to. Neighbour: ``schema`` puts sections together."""

from __future__ import annotations

from typing import Final, Literal

from digest.settings.section import Section, optional
from digest.settings.values import Line, OptionalBaseUrl, Tags
from digest.summarisers.budget import Limits
from digest.summarisers.chat import ANTHROPIC_URL, OLLAMA_URL, OPENAI_URL, Endpoint
from digest.summarisers.llm import ModelConfig

_URLS: Final = {"openai": OPENAI_URL, "anthropic": ANTHROPIC_URL, "ollama": OLLAMA_URL}


class LlmSection(Section):
    """A language model that writes summaries, each checked against its post. Off unless you name one."""

    provider: Literal["off", "openai", "anthropic", "ollama"] = optional(
        "off",
        'Who runs the model: "openai" (or whatever speaks its language at base_url), "anthropic", or '
        '"ollama" on this machine; its key is llm_key.',
    )
    model: Line = optional("", "Name of the model, as its provider knows it.", max_length=100)
    base_url: OptionalBaseUrl = optional(
        "", "Address of its interface; empty: the provider's own. No key is sent to http:// elsewhere."
    )
    languages: Tags = optional(
        (), "Languages of posts that are sent to it; empty: all.", examples=[("en", "de")]
    )
    max_input_words: int = optional(
        6_000, "Words of a post that are sent; the rest is cut.", ge=50, le=50_000
    )
    timeout_s: int = optional(30, "Seconds one answer may take.", ge=1, le=300)
    issue_timeout_s: int = optional(
        120,
        "Seconds all answers for one issue may take; then it goes out with extracts.",
        ge=1,
        le=3_600,
    )
    max_tokens_per_issue: int = optional(200_000, "Tokens one issue may use, sent and received.", ge=1_000)
    max_cost_per_issue: float = optional(
        0.0, "What one issue may cost, in the currency of the two prices; 0: no limit.", ge=0, le=1_000_000
    )
    price_in: float = optional(0.0, "Price of a million tokens sent; 0: not known.", ge=0, le=1_000_000)
    price_out: float = optional(0.0, "Price of a million tokens received; 0: not known.", ge=0, le=1_000_000)
    leave_out: Tags = optional(
        (),
        "Parts of a request that this model refuses: temperature, response_format and such.",
        examples=[("temperature",)],
    )

    def config(self, key: str) -> ModelConfig | None:
        """Return how the model is used; None when none is."""
        if self.provider == "off":
            return None
        return ModelConfig(
            endpoint=Endpoint(
                wire="anthropic" if self.provider == "anthropic" else "openai",
                base_url=self.base_url or _URLS[self.provider],
                model=self.model,
                key=key,
                leave_out=self.leave_out,
            ),
            timeout_s=float(self.timeout_s),
            max_words=self.max_input_words,
            languages=tuple(language.partition("-")[0].lower() for language in self.languages),
            limits=Limits(
                tokens=self.max_tokens_per_issue,
                cost=self.max_cost_per_issue,
                price_in=self.price_in,
                price_out=self.price_out,
                seconds=float(self.issue_timeout_s),
            ),
        )
