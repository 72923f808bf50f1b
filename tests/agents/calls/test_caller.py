from __future__ import annotations

import itertools
import signal
import threading
import time
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult

from agents.calls.call_budget import UnlimitedCalls
from agents.calls.caller import Caller
from agents.calls.transcript import Call, MemoryTranscript, Request
from agents.model_errors import CallError, ModelError
from agents.models.scripted import ScriptedChatModel
from tests.agents.toy import FunctionModel, caller

ASK = [{"role": "system", "content": "- role: navigator"}, {"role": "user", "content": "- round: 1"}]


def failing(*faults: CallError, then: str = "well") -> FunctionModel:
    left = list(faults)

    def answer(messages: list[BaseMessage]) -> str:
        if left:
            raise left.pop(0)
        return then

    return FunctionModel(answer=answer)


def transient(retry_after: float | None = None) -> CallError:
    return CallError("busy", "wait", transient=True, retry_after=retry_after)


def test_an_answer_is_cleaned_and_recorded_as_sent() -> None:
    asked = caller(FunctionModel(answer=lambda messages: "a\ud800\x1bb\r\n"))
    reply = asked.ask(ASK, 3, 1)
    assert reply.text == "ab\n"
    assert isinstance(asked.transcript, MemoryTranscript)
    (call,) = asked.transcript.calls
    assert call == Call(Request(role="navigator", round=3, attempt=1, model="toy", messages=tuple(ASK)), reply)


def test_a_recorded_call_is_never_asked_again() -> None:
    model = failing()
    asked = caller(model)
    first = asked.ask(ASK, 1, 1, {"type": "object"})
    again = caller(failing(transient(), transient(), transient()), transcript=asked.transcript)
    assert again.ask(ASK, 1, 1, {"type": "object"}) == first


@pytest.mark.parametrize("change", ["role", "name", "round", "attempt", "messages", "schema"])
def test_everything_that_was_asked_is_in_the_key(change: str) -> None:
    transcript = MemoryTranscript()
    caller(failing(then="first"), transcript=transcript).ask(ASK, 1, 1, {})
    other = Caller(
        model=failing(then="second"),
        name="other" if change == "name" else "toy",
        role="generator" if change == "role" else "navigator",
        transcript=transcript,
    )
    messages = ASK[:1] if change == "messages" else ASK
    schema = {"type": "object"} if change == "schema" else {}
    assert other.ask(messages, 1 + (change == "round"), 1 + (change == "attempt"), schema).text == "second"


def test_a_model_that_names_no_price_has_an_unknown_cost() -> None:
    assert caller(failing()).ask(ASK, 1, 1).cost_usd is None


def test_scripted_answers_cost_nothing() -> None:
    assert caller(ScriptedChatModel(answers={"navigator": [["x"]]})).ask(ASK, 1, 1).cost_usd == 0.0


def test_the_model_is_told_deadline_and_schema() -> None:
    model = failing()
    caller(model, deadline=7.0).ask(ASK, 1, 1, {"type": "object"})
    assert model.arguments[0]["timeout"] == 7.0
    assert model.arguments[0]["response_schema"] == {"type": "object"}


def test_transient_faults_are_tried_again_after_growing_pauses() -> None:
    pauses: list[float] = []
    asked = caller(failing(transient(), transient()), deadline=60.0, sleep=pauses.append)
    assert asked.ask(ASK, 1, 1).text == "well"
    assert pauses == [1.0, 2.0]


def test_tries_are_bounded_and_counted() -> None:
    with pytest.raises(ModelError, match=r"navigator's model toy did not answer: busy \(3 tries\). What to do: wait\."):
        caller(failing(*[transient()] * 3)).ask(ASK, 1, 1)


def test_a_fault_that_lasts_is_not_tried_again() -> None:
    lasting = CallError("no such model", "check its name", transient=False)
    with pytest.raises(ModelError, match=r"no such model \(1 try\). What to do: check its name"):
        caller(failing(lasting)).ask(ASK, 1, 1)


def test_retry_after_is_honoured() -> None:
    pauses: list[float] = []
    caller(failing(transient(3.5)), sleep=pauses.append).ask(ASK, 1, 1)
    assert pauses == [3.5]


def test_a_wait_beyond_the_deadline_is_not_waited_for() -> None:
    with pytest.raises(ModelError, match=r"the server asks to wait 600 s \(1 try\)"):
        caller(failing(transient(600.0))).ask(ASK, 1, 1)


@pytest.mark.parametrize("nothing", ["", " \n", "\x00\ud800"])
def test_an_empty_answer_is_a_fault(nothing: str) -> None:
    with pytest.raises(ModelError, match="an empty answer"):
        caller(failing(then=nothing)).ask(ASK, 1, 1)


def test_a_model_that_hangs_meets_the_deadline() -> None:
    released = threading.Event()
    hanging = FunctionModel(answer=lambda messages: str(released.wait(20)))
    start = time.monotonic()
    with pytest.raises(ModelError, match=r"no complete answer within 0.1 s \(2 tries\)"):
        caller(hanging, deadline=0.1, retries=1).ask(ASK, 1, 1)
    assert time.monotonic() - start < 2
    released.set()


def test_ctrl_c_interrupts_a_call_at_once() -> None:
    released = threading.Event()
    hanging = FunctionModel(answer=lambda messages: str(released.wait(20)))
    asked = caller(hanging, deadline=20.0)
    threading.Timer(0.2, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        asked.ask(ASK, 1, 1)
    assert time.monotonic() - start < 1
    released.set()
    assert asked.transcript == MemoryTranscript()


def test_pieces_are_handed_on_in_the_asking_thread() -> None:
    threads, pieces = set(), list[str]()

    def hear(piece: str) -> None:
        threads.add(threading.current_thread())
        pieces.append(piece)

    model = FunctionModel(answer=lambda messages: "whole", pieces=["who", "le\x1b"])
    assert caller(model).ask(ASK, 1, 1, on_text=hear).text == "whole"
    assert "".join(pieces) == "whole"
    assert threads == {threading.current_thread()}


def test_pieces_without_end_meet_the_deadline() -> None:
    model = FunctionModel(answer=lambda messages: "never", pieces=itertools.repeat("more "))
    with pytest.raises(ModelError, match=r"no complete answer within 0.1 s"):
        caller(model, deadline=0.1, retries=0).ask(ASK, 1, 1, on_text=lambda piece: None)
    model.stopped.set()


@pytest.mark.parametrize(("pieces", "released"), [((), 1), (("half an ans",), 0)])
def test_a_fault_costs_nothing_but_an_answer_that_broke_off_may(pieces: tuple[str, ...], released: int) -> None:
    class CountingBudget(UnlimitedCalls):
        released = 0

        def release(self) -> None:
            self.released += 1

    def broken(messages: list[BaseMessage]) -> str:
        raise CallError("broken", "wait", transient=False)

    call_budget = CountingBudget()
    with pytest.raises(ModelError, match="broken"):
        caller(FunctionModel(answer=broken, pieces=pieces), call_budget=call_budget).ask(
            ASK, 1, 1, on_text=lambda piece: None
        )
    assert call_budget.released == released


def test_a_spare_speaks_from_the_moment_its_model_has_failed_for_good() -> None:
    transcript, told = MemoryTranscript(), list[str]()
    lasting = CallError("no credit", "pay", transient=False)
    fallback = Caller(model=failing(then="spare"), name="second", role="navigator", transcript=transcript)
    asked = caller(failing(lasting, then="first"), transcript=transcript, fallback=fallback, on_message=told.append)
    assert asked.model_name == "toy"
    assert [asked.ask(ASK, number, 1).text for number in (1, 2)] == ["spare", "spare"]
    assert asked.model_name == "second"
    assert [call.request.model for call in transcript.calls] == ["second", "second"]
    assert len(told) == 1
    assert "no credit" in told[0]
    assert told[0].endswith("From here on second answers.")


def test_what_a_spare_answered_is_on_record_for_the_next_process() -> None:
    transcript = MemoryTranscript()

    def chain(first: FunctionModel, second: FunctionModel) -> Caller:
        return caller(
            first,
            transcript=transcript,
            fallback=Caller(model=second, name="second", role="navigator", transcript=transcript),
        )

    reply = chain(failing(CallError("no credit", "pay", transient=False)), failing(then="spare")).ask(ASK, 1, 1)
    again = chain(failing(then="well again"), failing(then="not asked"))
    assert again.ask(ASK, 1, 1) == reply
    assert again.ask(ASK, 2, 1).text == "well again"


def test_without_another_spare_the_last_fault_is_told() -> None:
    lasting = CallError("no credit", "pay", transient=False)
    asked = caller(failing(lasting), fallback=caller(failing(CallError("gone", "look", transient=False))))
    with pytest.raises(ModelError, match="gone"):
        asked.ask(ASK, 1, 1)


def test_a_bug_in_a_model_is_not_dressed_up_as_a_fault() -> None:
    def broken(messages: list[BaseMessage]) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        caller(FunctionModel(answer=broken)).ask(ASK, 1, 1)


def test_what_is_billed_without_an_answer_is_tried_only_twice() -> None:
    billed = CallError("useless", "look", transient=True, billed=True)
    with pytest.raises(ModelError, match=r"useless \(2 tries\)"):
        caller(failing(*[billed] * 3)).ask(ASK, 1, 1)
    assert caller(failing(transient(), billed)).ask(ASK, 1, 1).text == "well"


def test_a_note_on_the_server_is_shown_once() -> None:
    class NotingModel(FunctionModel):
        def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
            result = super()._generate(*args, **kwargs)
            result.generations[0].message.response_metadata["notes"] = ("odd server",)
            return result

    told: list[str] = []
    asked = caller(NotingModel(answer=lambda messages: "well"), on_message=told.append)
    for number in (1, 2):
        asked.ask(ASK, number, 1)
    assert told == ["The navigator's model toy: odd server"]
