"""One role's line to one chat model: a deadline, bounded retries, clean text, and every answer on record.

Notable: an answer that the transcript holds is never paid for again, so a resumed search repeats its conversation word
for word. The model runs in a daemon thread, because no client library has a deadline over a whole answer (they time
single reads, and a server that drips bytes never trips those) and because waiting for a thread can be interrupted at
once by Ctrl-C. A caller may have a fallback, which answers from there on when its own model has failed for good. This
module does not know who provides a model, nor what the messages are about.

A model tells what a call cost in `response_metadata["cost_usd"]` of its message; without that the cost is unknown.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
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

OnText = Callable[[str], None]
"""Gets pieces of an answer as they come, where the model can be watched."""


class Caller:
    """Sends requests to `model` on behalf of `role`.

    Pauses between tries grow, or are what the server asks for, and take at most another `deadline` together, so `ask`
    always ends within `(retries + 2) * deadline`, plus the time of a fallback.

    Args:
        name: the model's name, part of each recorded request.
        deadline: seconds that one try may take, from sending the request to the last byte.
        retries: further tries after a transient error.
        call_budget: reserves tokens and money before each try. The reservation of a try that got no answer, an empty
            one or a part of one is kept, because the provider may still bill it.
        fallback: caller to use once this model has failed for good.
        on_message: receives a sentence when the fallback takes over.
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
        self._harmless: set[int] = set()
        self._on_message = on_message
        self._sleep = sleep

    @property
    def model_name(self) -> str:
        """The name of the model that is asked now."""
        return self.fallback.model_name if self.fallback and self._failed else self.name

    @property
    def answered(self) -> int:
        """How often a model has answered in this process; what the transcript held does not count."""
        return self._answered + (self.fallback.answered if self.fallback else 0)

    def ask(
        self,
        messages: Sequence[Message],
        round: int,
        attempt: int,
        schema: dict[str, Any] | None = None,
        on_text: OnText | None = None,
    ) -> Reply:
        """The model's answer, from the transcript if it is there.

        `schema`: JSON schema of the answer, for models that can be held to one. `on_text` gets the answer's pieces as
        they come, in this thread, from a model that sends any; when a try fails, its pieces are followed by those of
        the next. What counts is the reply.

        Raises:
            ModelError: no answer after all tries, or a fault that another try would not cure.
            BudgetSpent: the call could have taken more than is left.
        """
        asked = self._requests(tuple(map(self._redacted, messages)), round, attempt, schema)
        return self.transcript.find(*asked) or self._ask(asked, on_text)

    def _redacted(self, message: Message) -> Message:
        """The message without secrets. Most of a conversation was sent before, and is not looked through again."""
        mark = hash(message["content"])
        if mark in self._harmless:
            return message
        redacted = redact_all(message)
        if redacted == message:
            self._harmless.add(mark)
        return redacted

    def _requests(
        self, messages: tuple[Message, ...], round: int, attempt: int, schema: dict[str, Any] | None
    ) -> list[Request]:
        """One question as it would be put to this model and to each fallback."""
        settings = dict(self.model._identifying_params)
        own = Request(
            role=self.role,
            round=round,
            attempt=attempt,
            model=self.name,
            messages=messages,
            schema=schema,
            settings=settings,
        )
        return [own, *(self.fallback._requests(messages, round, attempt, schema) if self.fallback else ())]

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
        patience = self.deadline
        for number in range(1, self.retries + 2):
            try:
                return self._try(request, on_text)
            except CallError as fault:
                pause = self._pause(number) if fault.retry_after is None else fault.retry_after
                if not fault.transient or number > self.retries or pause > patience:
                    # Not chained: the client library's own exceptions can hold request headers.
                    raise self._error(fault, number) from None
                patience -= pause
                self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _pause(self, number: int) -> float:
        """Seconds after try `number`: 1, 2, 4, ..., but all together within the deadline."""
        return float(min(2 ** (number - 1), self.deadline / (self.retries + 1)))

    def _try(self, request: Request, on_text: OnText | None) -> Reply:
        longest = self._call_budget.reserve(request)
        start = time.monotonic()
        answer = self._within_deadline(request, longest, on_text)
        usage, cost_usd = answer.usage_metadata, answer.response_metadata.get("cost_usd")
        sent, received = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
        # Cut once more when all is hidden, so that no cut leaves the half of a key.
        text = redact(clean(str(answer.text), 2 * MAX_ANSWER_CHARS))[:MAX_ANSWER_CHARS]
        if not text.strip():
            raise CallError("an empty answer", "try another model", transient=True)
        estimated = bool(answer.response_metadata.get("estimated"))
        return Reply(
            text=text,
            prompt_tokens=sent,
            completion_tokens=received,
            cost_usd=cost_usd,
            seconds=time.monotonic() - start,
            estimated=estimated,
        )

    def _within_deadline(self, request: Request, longest: int | None, on_text: OnText | None) -> AIMessage:
        come: queue.SimpleQueue[str | AIMessage | BaseException] = queue.SimpleQueue()
        arguments: dict[str, Any] = {"timeout": self.deadline, "response_schema": request.schema, "max_tokens": longest}
        if on_text:
            arguments["on_text"] = come.put

        def run() -> None:
            try:
                come.put(self.model.invoke(list(request.messages), **arguments))
            except BaseException as error:  # handed to the waiting thread, whatever it is
                come.put(error)

        threading.Thread(target=run, name=f"{self.role} call", daemon=True).start()
        pieces, end = LineBuffer(on_text or (lambda piece: None)), time.monotonic() + self.deadline
        begun = False
        while isinstance(outcome := self._next(come, end), str):
            begun = True
            pieces.add(outcome)
        pieces.end()
        if isinstance(outcome, BaseException):
            if not begun:  # one that broke off is billed
                self._call_budget.release()
            raise outcome
        return outcome

    def _next(
        self, come: queue.SimpleQueue[str | AIMessage | BaseException], end: float
    ) -> str | AIMessage | BaseException:
        """What has come from the model's thread, if it does before `end`."""
        try:
            # A stream without end always has a next piece, so the clock is asked as well.
            if (left := end - time.monotonic()) > 0:
                return come.get(timeout=left)
        except queue.Empty:
            pass
        what = f"no complete answer within {self.deadline:g} s"
        advice = "see whether the server is reachable and not overloaded, or give a slow model a longer deadline"
        raise CallError(what, advice, transient=True)

    def _error(self, fault: CallError, tries: int) -> ModelError:
        counted = "1 try" if tries == 1 else f"{tries} tries"
        wait = f"; it asks to be left alone for {fault.retry_after:g} s" if fault.retry_after else ""
        return ModelError(
            f"the {self.role}'s model {self.name} did not answer: {fault.what}{wait} ({counted}). "
            f"What to do: {fault.advice}. Nothing recorded so far is lost."
        )
