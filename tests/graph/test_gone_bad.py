"""A provider that goes bad in the second round of a run: what a person sees of it, and that the run then goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agents.calls.caller import Caller
from agents.model_errors import ModelError
from agents.models.model_registry import chat_models
from agents.models.settings import ModelSettings
from graph.events import Event, Message, RunEnded, StrategyWritten
from graph.run_folder import RunFolder
from tests.agents import chat_server as server
from tests.agents.chat_server import Behaviour, Handler, serving
from tests.graph.fakes import (
    STRATEGY,
    config,
    contents,
    eventful_script,
    genotypes,
    models,
    search_in,
)
from tests.paths import ROOT

BEGINNING, END = "the navigator's model openai/pocket ", " Nothing recorded so far is lost."
DOCS = ROOT / "docs" / "models.md"


@dataclass(frozen=True)
class Fault:
    behaviours: tuple[Behaviour, ...]
    """The last one is that of all further requests."""
    deadline: float = 10.0
    """Short where nothing comes, so that the tests are."""


def plays(handler: Handler) -> None:
    """A healthy provider: the written answer to what was asked."""
    server.says(_written(handler))(handler)


def plays_as_text(handler: Handler) -> None:
    server.sends(server.completion(_written(handler)), "text/plain")(handler)


def plays_on_the_wire(make: Callable[[str], Behaviour]) -> Behaviour:
    """A provider with healthy answers, which `make` sends in an unusual form."""
    return lambda handler: make(_written(handler))(handler)


def _odd_end(text: str) -> Behaviour:
    return server.streams(server.chunk(text), server.DONE)


def _parts(text: str) -> Behaviour:
    half = len(text) // 2
    parts = [{"type": "text", "text": text[:half]}, {"type": "text", "text": text[half:]}]
    return server.sends(server.message(parts))


def _odd_usage(text: str) -> Behaviour:
    usage = {"prompt_tokens": -1, "completion_tokens": 2.5, "total_tokens": "many"}
    return server.streams(server.chunk(text), server.chunk("", "stop"), server.counts(**usage), server.DONE)


def _empty_tool_call(text: str) -> Behaviour:
    call = {"id": "1", "type": "function", "function": {"name": "answer", "arguments": ""}}
    return server.sends(server.message(text, finish="tool_calls", tool_calls=[call]))


def _blanks(text: str) -> Behaviour:
    return server.streams(server.chunk(text), *[server.chunk("    ")] * 300)


def _written(handler: Handler) -> str:
    return str(models(eventful_script())["navigator"][0].invoke(handler.body["messages"]).text)


def fault(*behaviours: Behaviour, **changes: Any) -> Fault:
    return Fault(behaviours, **changes)


SAME = STRATEGY.format(2) + json.dumps({"architectures": genotypes("the same", 2, under=500)})
FAULTS = {
    "401": fault(server.fails(401, message="Incorrect API key provided")),
    "404, no such model": fault(server.fails(404, message="The model `pocket` does not exist")),
    "429 with `retry-after: 1`, then well": fault(server.fails(429, {"retry-after": "1"}), plays),
    "429 with `retry-after: 3600`": fault(server.fails(429, {"retry-after": "3600"}, "Rate limit reached")),
    "429 without `retry-after`": fault(server.fails(429, message="Rate limit reached")),
    "500, then well": fault(server.fails(500), plays),
    "500 for ever": fault(server.fails(500, message="The server had an error")),
    "no answer": fault(server.hangs, deadline=0.4),
    "one byte every 50 ms": fault(server.drips, deadline=0.4),
    "a stream that is cut": fault(server.streams(server.chunk("## Summary\nFirst ")), server.cuts),
    "a body that is cut": fault(server.cuts),
    "a stream without a finish reason, but with `[DONE]`": fault(plays_on_the_wire(_odd_end)),
    "content as a list of parts": fault(plays_on_the_wire(_parts)),
    "a tool call without arguments beside the content": fault(plays_on_the_wire(_empty_tool_call)),
    "tokens that are negative, fractional or text": fault(plays_on_the_wire(_odd_usage)),
    "a complete answer, then blanks without end": fault(plays_on_the_wire(_blanks)),
    "blanks up to the length limit": fault(server.sends(server.message(" " * 20_000, finish="length"))),
    "a strategy as `reasoning_content`": fault(server.sends(server.message("", reasoning_content=STRATEGY.format(2)))),
    "reasoning up to the length limit": fault(
        server.sends(server.message("", finish="length", reasoning_content="hmm " * 50))
    ),
    "an empty body": fault(server.sends(b"")),
    "JSON as `text/plain`": fault(plays_as_text),
    "HTML": fault(server.sends(b"<html><h1>502 Bad gateway</h1></html>", "text/html")),
    "an answer of 10 MB": fault(server.says("lorem " * 1_700_000), deadline=60.0),
    "invalid UTF-8": fault(server.sends(server.completion("abc").replace(b"abc", b"\xff\xfe\x80"))),
    "a refusal": fault(server.says("I'm sorry, but I can't help with that.")),
    "thoughts without end": fault(server.thinks, deadline=0.4),
    "prose where JSON was asked for": fault(server.says(STRATEGY.format(2))),
    "the same answer for ever": fault(server.says(SAME)),
}


def search(folder: RunFolder, url: str, deadline: float = 60.0) -> list[Event]:
    """Everything that a watcher got."""
    settings = dict.fromkeys(
        ("navigator", "generator"), ModelSettings(name="openai/pocket", api_base=url, deadline=deadline)
    )
    asked = config(evaluations=10, models=settings)
    events: list[Event] = []
    fallback_chain = {role: chat_models(each, seed=1) for role, each in settings.items()}
    search_in(folder, config=asked, models=fallback_chain, sink=events.append).run()
    return events


@pytest.fixture(scope="module")
def one_round(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a run that has finished its first round."""
    folder = RunFolder.create(tmp_path_factory.mktemp("runs"), config())
    with pytest.MonkeyPatch.context() as patch, serving(plays, plays, plays, server.fails(401)) as chat:
        patch.setenv("OPENAI_API_KEY", "sk-test-51f0c0ffee51f0c0ffee")
        with pytest.raises(ModelError):
            search(folder, chat.url)
        yield folder.path


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_and_loses_nothing(
    one_round: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = FAULTS[name]
    monkeypatch.setattr(Caller, "_pause", lambda self, number: 0.0)
    folder = RunFolder(shutil.copytree(one_round, tmp_path / "run"))
    before = contents(folder.archive)
    seen = _seen(folder, bad)
    assert f"| {name} | {seen} |" in DOCS.read_text(encoding="utf-8").splitlines()
    after = contents(folder.archive)
    assert all(set(before[table]) <= set(after[table]) for table in ("calls", "proposals", "evaluations"))
    with serving(plays) as healthy:
        assert isinstance(search(folder, healthy.url)[-1], RunEnded)
    assert json.loads(folder.result.read_text())["search_top1"] > 0


def _seen(folder: RunFolder, bad: Fault) -> str:
    """The error but for what all have in common, or how the run ended."""
    with serving(*bad.behaviours) as chat:
        try:
            last = search(folder, chat.url, bad.deadline)[-1]
        except ModelError as error:
            return str(error).removeprefix(BEGINNING).removesuffix(END)
    assert isinstance(last, RunEnded)
    return f"{last.stopped_because}. {last.diagnosis}".strip()


def test_the_fallback_speaks_and_trace_and_record_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-51f0c0ffee51f0c0ffee")
    folder, events = RunFolder.create(tmp_path, config()), list[Event]()
    with serving(plays, plays, plays, server.fails(401, message="key withdrawn")) as bad, serving(plays) as good:
        spare = ModelSettings(name="openai/spare", api_base=good.url)
        settings = dict.fromkeys(
            ("navigator", "generator"), ModelSettings(name="openai/first", api_base=bad.url, fallbacks=(spare,))
        )
        fallback_chain = {role: chat_models(each, seed=1) for role, each in settings.items()}
        asked = config(evaluations=10, models=settings)
        search_in(folder, config=asked, models=fallback_chain, sink=events.append).run()
    told = [event.text for event in events if isinstance(event, Message)]
    assert len(told) == 2
    assert all("key withdrawn" in text and text.endswith("From here on openai/spare answers.") for text in told)
    names_shown = [event.model_name for event in events if isinstance(event, StrategyWritten)]
    assert names_shown[0] == "openai/first"
    assert set(names_shown[1:]) == {"openai/spare"}
    answered = json.loads(folder.result.read_text())["answered"]
    assert answered["navigator"] == {"openai/first": 1, "openai/spare": len(names_shown) - 1}
