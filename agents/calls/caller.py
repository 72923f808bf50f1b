"""Calls one chat model for one role, with a deadline, bounded retries, cleaned text and a record of every answer.

An answer that the transcript holds is never requested again, so a resumed search repeats its conversation exactly. The
model runs in a daemon thread for two reasons: client libraries time single reads, which a server that sends one byte
at a time never exceeds, and Ctrl-C interrupts waiting for a thread at once. When a model has failed for good, its
caller uses the fallback for the rest of the process. This module knows neither providers nor prompts.

A model reports the cost of a call in `response_metadata["cost_usd"]` of its message; without it the cost is unknown.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from agents.calls.call_budget import CallBudget, UnlimitedCalls
from agents.calls.line_buffer import LineBuffer
from agents.calls.transcript import Call, Message, Reply, Request, Transcript
from agents.model_errors import BudgetSpent, CallError, ModelError
from agents.text.sanitize import MAX_ANSWER_CHARS, clean
from common.redaction import redact, redact_all

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

_MOST_BILLED = 2
"""Tries of one request that the provider may bill; further retries are for tries that generated nothing."""

OnText = Callable[[str], None]
"""Callback for the parts of an answer while it is generated, for models that stream."""


class Caller:
    """Sends requests to `model` on behalf of `role`.

    Pauses between tries grow, or are what the server asks for, and take at most another `deadline` together, so `ask`
    always ends within `(retries + 2) * deadline`, plus the time of a fallback.

    A request that the provider bills although its answer is useless is sent at most twice.

    Args:
        name: the model's name, part of each recorded request.
        deadline: seconds that one try may take, from sending the request to the last byte.
        retries: further tries after a transient error.
        call_budget: reserves tokens and money before each try. The reservation of a try that got no answer, an empty
            one or a part of one is kept, because the provider may still bill it.
        fallback: caller to use once this model has failed for good.
        on_message: receives a sentence when the fallback takes over.
        closing: last sentence of every error.
        sleep: waits a number of seconds; tests inject their own.
    """

    def __init__(
        self,
        *,
        model: BaseChatModel,
        name: str,
        role: str,
        transcript: Transcript,
        deadline: float = 120.0,
        retries: int = 2,
        call_budget: CallBudget | None = None,
        fallback: Caller | None = None,
        on_message: Callable[[str], None] = lambda sentence: None,
        closing: str = "Nothing recorded so far is lost.",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model
        self.name = name
        self.role = role
        self.transcript = transcript
        self.deadline = deadline
        self.retries = retries
        self.fallback = fallback
        self._call_budget = call_budget or UnlimitedCalls()
        self._failed = False
        self._answered = 0
        self._without_secrets: set[int] = set()
        self._on_message = on_message
        self._sleep = sleep
        self._closing = closing
        self._shown: set[str] = set()

    @property
    def model_name(self) -> str:
        """The name of the model that answers now: this caller's, or that of its fallback."""
        return self.fallback.model_name if self.fallback and self._failed else self.name

    @property
    def answered(self) -> int:
        """Number of answers that models gave in this process; answers from the transcript do not count."""
        return self._answered + (self.fallback.answered if self.fallback else 0)

    def ask(
        self,
        messages: Sequence[Message],
        round: int,
        attempt: int,
        schema: dict[str, Any] | None = None,
        on_text: OnText | None = None,
        temperature: float | None = None,
    ) -> Reply:
        """The model's answer, from the transcript if it holds one.

        Args:
            messages: the conversation; secrets in it are removed.
            round: round of the search, part of the recorded request.
            attempt: number of the request within its round, counted from 1.
            schema: JSON schema of the answer, for models that support one.
            on_text: receives the parts of an answer while it is generated, in this thread. The parts of a try that
                fails are followed by those of the next one.
            temperature: sampling temperature of this call, for models that have one; None for that of their settings.

        Raises:
            ModelError: no answer after all tries, or an error that another try would not solve.
            BudgetSpent: the call could cost more than is left.
        """
        asked = self._requests(tuple(map(self._redacted, messages)), round, attempt, schema, temperature)
        return self.transcript.find(*asked) or self._ask(asked, on_text)

    def _redacted(self, message: Message) -> Message:
        """The message without secrets. Messages known to have none are not searched again."""
        mark = hash(message["content"])
        if mark in self._without_secrets:
            return message
        redacted = redact_all(message)
        if redacted == message:
            self._without_secrets.add(mark)
        return redacted

    def _requests(
        self,
        messages: tuple[Message, ...],
        round: int,
        attempt: int,
        schema: dict[str, Any] | None,
        temperature: float | None,
    ) -> list[Request]:
        """One request as it would be sent to this model and to each fallback."""
        settings = dict(self.model._identifying_params)
        if temperature is not None and "temperature" in settings:
            settings["temperature"] = temperature
        own = Request(
            role=self.role,
            round=round,
            attempt=attempt,
            model=self.name,
            messages=messages,
            schema=schema,
            settings=settings,
        )
        others = self.fallback._requests(messages, round, attempt, schema, temperature) if self.fallback else ()
        return [own, *others]

    def _ask(self, asked: Sequence[Request], on_text: OnText | None) -> Reply:
        request, *fallback_requests = asked
        if self.fallback and self._failed:
            return self.transcript.find(*fallback_requests) or self.fallback._ask(fallback_requests, on_text)
        try:
            reply = self._answer(request, on_text)
        except BudgetSpent:
            raise
        except ModelError as error:
            if self.fallback is None:
                raise
            self._failed = True
            self._on_message(f"{error} From here on {self.fallback.name} answers.")
            return self._ask(asked, on_text)
        self._answered += 1
        self.transcript.record(Call(request, reply))
        self._call_budget.release()
        return reply

    def _answer(self, request: Request, on_text: OnText | None) -> Reply:
        time_left = self.deadline
        billed = 0
        for number in range(1, self.retries + 2):
            try:
                return self._try(request, on_text)
            except CallError as error:
                pause = self._pause(number) if error.retry_after is None else error.retry_after
                billed += error.billed
                lasting = not error.transient or billed == _MOST_BILLED
                if lasting or number > self.retries or pause > time_left:
                    # Not chained: exceptions of the client library can hold request headers.
                    raise self._error(error, number) from None
                time_left -= pause
                self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _pause(self, number: int) -> float:
        """Seconds to wait after try `number`: 1, 2, 4, ...; the sum of all is at most the deadline."""
        return float(min(2 ** (number - 1), self.deadline / (self.retries + 1)))

    def _try(self, request: Request, on_text: OnText | None) -> Reply:
        longest = self._call_budget.reserve(request)
        start = time.monotonic()
        answer = self._within_deadline(request, longest, on_text)
        usage, cost_usd = answer.usage_metadata, answer.response_metadata.get("cost_usd")
        sent, received = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
        # Cut to the final length only after redaction, so that a cut cannot leave half of a key.
        text = redact(clean(str(answer.text), 2 * MAX_ANSWER_CHARS))[:MAX_ANSWER_CHARS]
        if not text.strip():
            raise CallError("an empty answer", "try another model", transient=True, billed=True)
        self._show(answer.response_metadata.get("notes", ()))
        estimated = bool(answer.response_metadata.get("estimated"))
        return Reply(
            text=text,
            prompt_tokens=sent,
            completion_tokens=received,
            cost_usd=cost_usd,
            seconds=time.monotonic() - start,
            estimated=estimated,
            form=str(answer.response_metadata.get("form") or ""),
            fits=answer.response_metadata.get("fits"),
        )

    def _within_deadline(self, request: Request, longest: int | None, on_text: OnText | None) -> AIMessage:
        received: queue.SimpleQueue[str | AIMessage | BaseException] = queue.SimpleQueue()
        arguments: dict[str, Any] = {"timeout": self.deadline, "response_schema": request.schema, "max_tokens": longest}
        if on_text:
            arguments["on_text"] = received.put
        if (temperature := request.settings.get("temperature")) is not None:
            arguments["temperature"] = temperature

        def run() -> None:
            try:
                received.put(self.model.invoke(list(request.messages), **arguments))
            except BaseException as error:  # every exception is raised in the waiting thread
                received.put(error)

        threading.Thread(target=run, name=f"{self.role} call", daemon=True).start()
        lines, end = LineBuffer(on_text or (lambda piece: None)), time.monotonic() + self.deadline
        begun = False
        while isinstance(outcome := self._next(received, end, begun), str):
            begun = True
            lines.add(outcome)
        lines.end()
        if isinstance(outcome, BaseException):
            if isinstance(outcome, CallError):
                outcome.billed |= begun
            if not (begun or getattr(outcome, "billed", False)):
                self._call_budget.release()
            raise outcome
        return outcome

    def _next(
        self, received: queue.SimpleQueue[str | AIMessage | BaseException], end: float, begun: bool
    ) -> str | AIMessage | BaseException:
        """The next part, message or exception from the model's thread.

        Raises:
            CallError: nothing arrives before the time `end`.
        """
        try:
            # An endless stream always has a next part, so the time is checked before each.
            if (left := end - time.monotonic()) > 0:
                return received.get(timeout=left)
        except queue.Empty:
            pass
        what = f"no complete answer within {self.deadline:g} s"
        advice = "see whether the server is reachable and not overloaded, or give a slow model a longer deadline"
        raise CallError(what, advice, transient=True, billed=begun)

    def _show(self, notes: Iterable[str]) -> None:
        """Show the user what the model has to say about its server, each sentence once."""
        for note in notes:
            if note not in self._shown:
                self._shown.add(note)
                self._on_message(f"The {self.role}'s model {self.name}: {note}")

    def _error(self, error: CallError, tries: int) -> ModelError:
        counted = "1 try" if tries == 1 else f"{tries} tries"
        wait = f"; the server asks to wait {error.retry_after:g} s" if error.retry_after else ""
        return ModelError(
            f"the {self.role}'s model {self.name} did not answer: {error.what}{wait} ({counted}). "
            f"What to do: {error.advice}. {self._closing}".rstrip()
        )
