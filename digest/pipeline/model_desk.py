"""What people do with the language model: try it out, and have it write what a preview lacks."""

from __future__ import annotations

from dataclasses import dataclass

from digest.errors import NotAllowed
from digest.pipeline.summaries import summarised
from digest.pipeline.tools import Tools
from digest.summarisers.deferred import Deferred
from digest.summarisers.llm import Attempt, LanguageModel, NotWritten
from digest.summarisers.trial_post import TRIAL_POST


@dataclass(frozen=True, kw_only=True)
class ModelDesk:
    """The language model of one installation, if it has one."""

    tools: Tools

    def attempt(self) -> Attempt:
        """Return what the model makes of a sample post. Raises NotAllowed without a model or an answer."""
        model = self.tools.summariser
        if not isinstance(model, LanguageModel):
            raise NotAllowed("No language model is set up; write provider and model below [llm].")
        try:
            return model.attempt(TRIAL_POST, sentences=2)
        except NotWritten as why:
            raise NotAllowed(f"The model wrote nothing: {str(why).rstrip('.')}.") from why

    def write(self, noted: Deferred) -> bool:
        """Make and keep what a rehearsal would have asked a model for; return whether there was anything."""
        if not isinstance(self.tools.summariser, LanguageModel):
            return False
        for wanted, sentences in noted.wanted:
            summarised(self.tools, wanted, sentences)
        return bool(noted.wanted)
