"""One role's line to one chat model: a deadline, bounded retries, clean text, and every answer on record.

Notable: an answer that the transcript holds is never paid for again, so a resumed search repeats its conversation word
for word. The model runs in a daemon thread, because no client library has a deadline over a whole answer (they time
single reads, and a server that drips bytes never trips those) and because waiting for a thread can be interrupted at
once by Ctrl-C. This module does not know who provides the model, nor what the messages are about.

A model tells what a call cost in `response_metadata["cost_usd"]` of its message; without that the cost is unknown.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from agents.cleaning import LONGEST, clean
from agents.faults import CallError, ModelError
from agents.purse import Purse, Unlimited
from agents.transcript import Call, Message, Reply, Request, Transcript
from redaction import redact, redact_all

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

OnText = Callable[[str], None]
"""Gets pieces of an answer as they come, where the model can be watched."""


class Caller:
    """Asks `model` on behalf of `role`.

    `deadline`: seconds that one try may take from sending to the last byte. `retries`: further tries after a transient
    fault. Pauses between tries, which grow or are what the server asks for, take at most another `deadline` together,
    so `ask` always ends within `(retries + 2) * deadline`. `purse` pays; a try that was not answered, or with nothing,
    stays laid aside there. `sleep` is injected for tests.
    """

    def __init__(
        self,
        model: BaseChatModel,
        name: str,
        role: str,
        transcript: Transcript,
        deadline: float = 120.0,
        retries: int = 2,
        *,
        purse: Purse | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model
        self.name = name
        self.role = role
        self.transcript = transcript
        self.deadline = deadline
        self.retries = retries
        self._purse = purse or Unlimited()
        self._sleep = sleep

    def ask(
        self,
        messages: Sequence[Message],
        round: int,
        attempt: int,
        schema: dict[str, Any] | None = None,
        on_text: OnText | None = None,
    ) -> Reply:
        """The model's answer, from the transcript if it is there.

        `schema`: JSON schema of the answer, for models that can be held to one.

        Raises:
            ModelError: no answer after all tries, or a fault that another try would not cure.
            BudgetSpent: the call could have taken more than is left.
        """
        sent = tuple(redact_all(message) for message in messages)
        settings = dict(self.model._identifying_params)
        request = Request(self.role, round, attempt, self.name, sent, schema, settings)
        if recorded := self.transcript.find(request):
            return recorded
        reply = self._answer(request)
        self.transcript.record(Call(request, reply))
        self._purse.settle()
        return reply

    def _answer(self, request: Request) -> Reply:
        patience = self.deadline
        for number in range(1, self.retries + 2):
            try:
                return self._try(request)
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

    def _try(self, request: Request) -> Reply:
        longest = self._purse.reserve(request)
        start = time.monotonic()
        answer = self._within_deadline(request, longest)
        usage, cost_usd = answer.usage_metadata, answer.response_metadata.get("cost_usd")
        sent, received = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
        # Cut once more when all is hidden, so that no cut leaves the half of a key.
        text = redact(clean(str(answer.text), 2 * LONGEST))[:LONGEST]
        if not text.strip():
            raise CallError("an empty answer", "try another model", transient=True)
        estimated = bool(answer.response_metadata.get("estimated"))
        return Reply(text, sent, received, cost_usd, time.monotonic() - start, estimated)

    def _within_deadline(self, request: Request, longest: int | None) -> AIMessage:
        done: queue.SimpleQueue[AIMessage | BaseException] = queue.SimpleQueue()
        arguments: dict[str, Any] = {"timeout": self.deadline, "response_schema": request.schema, "max_tokens": longest}

        def run() -> None:
            try:
                done.put(self.model.invoke(list(request.messages), **arguments))
            except BaseException as error:  # handed to the waiting thread, whatever it is
                done.put(error)

        threading.Thread(target=run, name=f"{self.role} call", daemon=True).start()
        try:
            outcome = done.get(timeout=self.deadline)
        except queue.Empty:
            what = f"no complete answer within {self.deadline:g} s"
            raise CallError(what, "see whether the server is reachable and not overloaded", transient=True) from None
        if isinstance(outcome, BaseException):
            self._purse.settle()
            raise outcome
        return outcome

    def _error(self, fault: CallError, tries: int) -> ModelError:
        counted = "1 try" if tries == 1 else f"{tries} tries"
        wait = f"; it asks to be left alone for {fault.retry_after:g} s" if fault.retry_after else ""
        return ModelError(
            f"the {self.role}'s model {self.name} did not answer: {fault.what}{wait} ({counted}). "
            f"What to do: {fault.advice}. Nothing recorded so far is lost."
        )
