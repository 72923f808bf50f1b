"""A finished run's answers, feedback and scores, in place of models, a reviewer and an evaluator."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from agents.calls.transcript import Call, Message, Reply, Request
from agents.model_errors import BudgetSpent, ModelError
from agents.text.sanitize import excerpt
from common.errors import UserError
from graph.archive.archive import Archive
from graph.archive.calls import Calls
from graph.steering import ACCEPT, Feedback, ReviewRequest
from supernets.evaluate.evaluator import Evaluation, Evaluator
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

_AROUND = 40
"""Characters shown of a text from where it differs."""


class ReplayDiffers(UserError):
    """A replay differs from its run."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the replay differs from its run: {what}")


class RecordedCalls:
    """The answers of a finished run; an `agents.calls.transcript.Transcript` that also records each in `calls`."""

    def __init__(self, record: Archive, calls: Calls) -> None:
        self._record = record
        self._calls = calls

    def find(self, *requests: Request) -> Reply:
        """
        Raises:
            ReplayDiffers: the run sent another request at this place.
            ModelError: the run received no answer here, or could not pay for one.
        """
        for request in requests:
            if recorded := self._record.calls.get(request.key):
                self._calls.record(Call(replace(request, settings=recorded.request.settings), recorded.reply))
                return recorded.reply
        raise self._missing(requests[0])

    def record(self, call: Call) -> None:
        raise AssertionError("every call of a replay is found, or ends the replay")

    def _missing(self, request: Request) -> Exception:
        record, where = self._record, f"{request.role}, round {request.round}, attempt {request.attempt}"
        recorded = record.calls.at(request.round, request.role, request.attempt)
        if recorded:
            return ReplayDiffers(f"{where}: {difference(recorded.request, request)}")
        if record.stage(request.round) in ("", "planned"):
            return BudgetSpent(record.stopped_because)
        # The Generator continues without a correction that fails, and records the error.
        if request.attempt > 1 and (error := record.error(request.round)):
            return ModelError(error)
        return ReplayDiffers(f"{where}: the run made no such call")


class RecordedReviewer:
    """The recorded feedback on a finished run; a `graph.steering.Reviewer`."""

    def __init__(self, record: Archive) -> None:
        self._record = record
        self._repeated: Counter[int] = Counter()

    def __call__(self, request: ReviewRequest) -> Feedback:
        round = request["round"]
        remarks = self._record.remarks.of(round)
        if self._repeated[round] < len(remarks):
            self._repeated[round] += 1
            return {"kind": "remark", "text": remarks[self._repeated[round] - 1]}
        final = self._record.guidance(round) or ""
        return ACCEPT if final == request["strategy"] else {"kind": "edit", "text": final}


class RecordedEvaluator(Evaluator):
    """Scores of a finished run, which must equal those of `evaluator` if there is one."""

    def __init__(self, record: Archive, space: SearchSpace, evaluator: Evaluator | None) -> None:
        self.protocol = record.protocol
        self._record = record
        self._space = space
        self._evaluator = evaluator

    def evaluate(self, archs: Sequence[Architecture]) -> Iterator[Evaluation]:
        measured = iter(self._evaluator.evaluate(archs)) if self._evaluator else None
        for a in archs:
            yield self._recorded(a, "search", next(measured) if measured else None)

    def racing(self, complete: Sequence[bytes], error: float) -> Evaluator:
        racing = self._evaluator.racing(complete, error) if self._evaluator else None
        return RecordedEvaluator(self._record, self._space, racing)

    def report(self, a: Architecture) -> Evaluation:
        return self._recorded(a, "report", self._evaluator.report(a) if self._evaluator else None)

    def _recorded(self, a: Architecture, split: str, measured: Evaluation | None) -> Evaluation:
        known = self._record.find_evaluation(a, self.protocol.id, split)
        genotype = json.dumps(self._space.genotype(a))
        if known is None:
            raise ReplayDiffers(f"it scores {genotype}, which the run did not")
        if measured and (measured.top1, measured.stderr, measured.images) != (known.top1, known.stderr, known.images):
            raise ReplayDiffers(
                f"{genotype} on the {split} split: {known.top1} ± {known.stderr} % of "
                f"{known.images:,} images there, {measured.top1} ± {measured.stderr} % of {measured.images:,} here; "
                "--recorded-scores repeats the rest without measuring"
            )
        return known


def difference(there: Request, here: Request) -> str:
    """The first difference between two requests, as a phrase; settings are not compared."""
    for name in ("model", "schema"):
        one, other = getattr(there, name), getattr(here, name)
        if one != other:
            return f"{name}: {excerpt(str(one))} there, {excerpt(str(other))} here"
    count = max(len(there.messages), len(here.messages))
    nothing: Message = {}
    for i, (one, other) in enumerate(zip_longest(there.messages, here.messages, fillvalue=nothing)):
        if one != other:
            return f"message {i + 1} of {count}: {_texts(one, other)}"
    return "nothing that was recorded"


def _texts(there: Message, here: Message) -> str:
    one, other = (f"{message.get('role', '')}: {message.get('content', '')}" for message in (there, here))
    at = next(i for i, (a, b) in enumerate(zip_longest(one, other)) if a != b)
    return f"{one[at : at + _AROUND]!r} there, {other[at : at + _AROUND]!r} here, {at} characters in"
