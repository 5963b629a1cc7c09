"""Summaries by a language model, each checked against its post; the extract wherever one fails.

    extract → may the post be sent? → one call → checks → (once more, with the reasons) → summary | extract

One issue is one call of ``summarise_all``: it has a deadline and a budget, a few threads ask at a time, and a
provider that is down is not asked about every post. A model sees one post at a time and nothing else: no
other post, nothing about readers, no tools. It cannot change subject, links or order, because all it makes is
a text. Neighbours: ``prompt`` asks and judges, ``chat`` knows the wire formats, ``budget`` counts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from digest.errors import CallFailed
from digest.model import Post, Summary
from digest.net.call import Call
from digest.net.client import Limits as NetLimits
from digest.net.exchange import Exchange
from digest.summarisers import chat, prompt
from digest.summarisers.addressed import speaks_to_models
from digest.summarisers.budget import Budget, Limits, Tokens, estimated
from digest.summarisers.chat import MAX_TOKENS_OUT, Endpoint, Reply, Turn
from digest.summarisers.extractive import Extractive

log = structlog.get_logger()

_THREADS: Final = 4
_MAX_BYTES: Final = 256 * 1024  # of an answer: some models send along what they thought
_MAX_WAIT_S: Final = 20  # that a provider may ask for; longer, and the extract is used
_MOST_TROUBLE: Final = 3  # calls in a row without an answer: then the provider is taken to be down
_HOPELESS: Final = frozenset({"address", "unresolved", "refused", "tls"})
_MAX_REASON: Final = 300  # characters


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """How a language model is used."""

    endpoint: Endpoint
    timeout_s: float = 30.0  # for one call
    max_words: int = 6_000  # of a post that are sent
    languages: tuple[str, ...] = ()  # of posts that are sent (BCP 47); none: all
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One question with its answer and our verdict, for whoever tries a model out."""

    model: str
    answer: str  # as the model wrote it
    summary: str
    evidence: tuple[str, ...]
    faults: tuple[str, ...]  # why it could not be shown; none: it could
    tokens_in: int
    tokens_out: int
    cost: float


class NotWritten(Exception):
    """A model did not write a summary that can be shown; says why."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why[:_MAX_REASON])
        self.again = again  # whether it may well write one later


class LanguageModel:
    """A summariser that asks a language model.

    ``new_marker`` returns random text, ``sleep`` waits for a provider that asks us to.
    """

    asked_once = True

    def __init__(
        self,
        config: ModelConfig,
        *,
        user_agent: str,
        new_marker: Callable[[], str],
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._user_agent = user_agent
        self._new_marker = new_marker
        self._sleep = sleep
        self._monotonic = monotonic
        self._extractive = Extractive()
        self.name = f"{config.endpoint.wire} {config.endpoint.model}, prompt {prompt.VERSION}"

    def summarise_all(self, posts: Sequence[Post], *, sentences: int) -> list[Summary]:
        """A summary of each post: the publisher's standfirst, else the model's, else the extract."""
        asking = self._asking()
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="summaries") as pool:
            made = list(pool.map(lambda post: self._one(post, sentences, asking), posts))
        if asking.budget.calls:
            spent = asking.budget.spent
            log.info(
                "summaries.asked",
                model=self._config.endpoint.model,
                calls=asking.budget.calls,
                written=sum(summary.method == "model" for summary in made),
                tokens_in=spent.sent,
                tokens_out=spent.received,
                cost=round(asking.budget.cost, 6),
            )
        return made

    def attempt(self, post: Post, *, sentences: int) -> Attempt:
        """Ask once about a post. Raises NotWritten where no answer came."""
        asking = self._asking()
        asked = self._question(post, sentences)
        answer = asking.ask(asked.task, [Turn(role="user", text=asked.text)])
        written = prompt.read(answer, asked)
        return Attempt(
            model=self._config.endpoint.model,
            answer=answer,
            summary=written.summary,
            evidence=written.evidence,
            faults=written.faults,
            tokens_in=asking.budget.spent.sent,
            tokens_out=asking.budget.spent.received,
            cost=asking.budget.cost,
        )

    def _one(self, post: Post, sentences: int, asking: _Asking) -> Summary:
        extract = self._extractive.summarise(post, sentences=sentences)
        if (
            extract.method != "extract"
        ):  # the publisher's own words are better, and nothing cannot be bettered
            return extract
        asked = self._question(post, sentences)
        try:
            self._check_sendable(asked)
            text = _written(asked, asking)
        except NotWritten as why:
            return replace(extract, reason=str(why), again=why.again)
        model = self._config.endpoint.model
        return Summary(text=text, method="model", source_hash=post.content_hash, model=model)

    def _question(self, post: Post, sentences: int) -> prompt.Question:
        return prompt.question(
            post, sentences=sentences, marker=self._new_marker(), max_words=self._config.max_words
        )

    def _check_sendable(self, asked: prompt.Question) -> None:
        """Raise NotWritten for a post that no model is asked about."""
        spoken = asked.language.partition("-")[0].lower()
        if self._config.languages and spoken not in self._config.languages:
            raise NotWritten(f"not asked: the post is in {spoken or 'an unknown language'}", again=False)
        if speaks_to_models(f"{asked.title}\n{asked.source}"):
            raise NotWritten("not asked: the post speaks to language models", again=False)

    def _asking(self) -> _Asking:
        budget = Budget(self._config.limits, self._monotonic)
        return _Asking(self._config, self._user_agent, budget, self._sleep)


def _written(asked: prompt.Question, asking: _Asking) -> str:
    """Return a summary that may be shown, at the second try if need be. Raises NotWritten."""
    turns = [Turn(role="user", text=asked.text)]
    for _ in range(2):
        answer = asking.ask(asked.task, turns)
        written = prompt.read(answer, asked)
        if not written.faults:
            return written.summary
        turns += [
            Turn(role="assistant", text=answer[: prompt.MAX_ANSWER] or "-"),
            Turn(role="user", text=prompt.again(written.faults)),
        ]
    raise NotWritten("; ".join(written.faults), again=False)


class _Asking:
    """The calls for one issue: what they may use, and whether the provider still answers."""

    def __init__(
        self, config: ModelConfig, user_agent: str, budget: Budget, sleep: Callable[[float], None]
    ) -> None:
        self.budget = budget
        self._config = config
        self._user_agent = user_agent
        self._sleep = sleep
        self._lock = threading.Lock()
        self._trouble = 0  # calls in a row that brought no answer
        self._over = ""  # why nothing more is asked

    def ask(self, task: str, turns: Sequence[Turn]) -> str:
        """Return what the model says. Raises NotWritten, also where nothing more may be asked."""
        call = chat.call(self._config.endpoint, task, turns)
        said = self._reply(call)
        if said.wait_s is not None and said.wait_s <= min(_MAX_WAIT_S, self.budget.seconds_left() - 1):
            self._sleep(said.wait_s)
            said = self._reply(call)
        if said.problem:
            raise NotWritten(said.problem, again=not said.answered)
        return said.text

    def _reply(self, call: Call) -> Reply:
        """Make one call within time and budget. Raises NotWritten where none may be made or none came."""
        if self._over:
            raise NotWritten(self._over, again=True)
        left = self.budget.seconds_left()
        if left < 1:
            raise NotWritten("the time for this issue's summaries was over", again=True)
        share = estimated(call.body, MAX_TOKENS_OUT)
        if not self.budget.take(share):
            raise NotWritten("the budget for this issue's summaries was used up", again=True)
        limits = NetLimits(
            total_s=min(self._config.timeout_s, left),
            connect_s=10.0,
            max_bytes=_MAX_BYTES,
            max_hops=0,
            allow_private=True,  # the operator named the address: a model may well run on this machine
        )
        exchange = Exchange(self._user_agent, limits)
        try:
            said = chat.reply(self._config.endpoint, exchange.make(call))
        except CallFailed as error:
            if not error.sent:
                self.budget.settle(share, Tokens(sent=0, received=0))
            self._note(answered=False, why=str(error), hopeless=error.cause in _HOPELESS)
            raise NotWritten(str(error), again=True) from error
        finally:
            exchange.close()
        self.budget.settle(share, _came_to(said, share))
        self._note(answered=said.answered, why=said.problem, hopeless=said.hopeless)
        return said

    def _note(self, *, answered: bool, why: str, hopeless: bool) -> None:
        """Count calls without an answer, and stop asking when there is no point in going on."""
        with self._lock:
            self._trouble = 0 if answered else self._trouble + 1
            if hopeless or self._trouble >= _MOST_TROUBLE:
                self._over = f"not asked: {why}"


def _came_to(said: Reply, share: Tokens) -> Tokens:
    """Return what a call came to: as the provider says, nothing where it refused, else as estimated."""
    if not said.answered:
        return Tokens(sent=0, received=0)
    return Tokens(
        sent=share.sent if said.tokens_in is None else said.tokens_in,
        received=share.received if said.tokens_out is None else said.tokens_out,
    )
