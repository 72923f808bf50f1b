"""The Editor sends a strategy's request at a temperature of its own, and nothing back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langchain_core.messages import BaseMessage

from agents.calls.caller import Caller
from agents.calls.transcript import MemoryTranscript
from agents.roles.editor import Editor
from agents.roles.options import RoleOptions
from agents.text.prompt_templates import Prompts
from common.errors import UserError
from tests.agents.toy import FunctionModel, briefing, check, genotype
from tests.paths import ROOT


class Tempered(FunctionModel):
    @property
    def _identifying_params(self) -> dict[str, object]:
        return {"temperature": 0.6}


def test_a_request_holds_the_guidance_and_its_temperature_reaches_the_model_and_the_record() -> None:
    seen: list[str] = []

    def reply(messages: list[BaseMessage]) -> str:
        seen.append(str(messages[-1].content))
        return json.dumps({"architectures": [genotype(), {"r": 1}]})

    model, transcript = Tempered(answer=reply), MemoryTranscript()
    editor = Editor(
        template="llmatic",
        caller=Caller(model=model, name="m", role="generator", transcript=transcript),
        briefing=briefing(),
    )
    editor.temperature = 0.9
    made = editor.propose(1, "Change this.", 2, check)
    assert (len(made.genotypes), made.answers) == (2, 1)  # an illegal one is not sent back
    assert "Change this." in seen[0]
    assert model.arguments[0]["temperature"] == 0.9
    assert transcript.calls[0].request.settings["temperature"] == 0.9


def test_without_a_temperature_the_models_own_counts() -> None:
    model = Tempered(answer=lambda messages: json.dumps({"architectures": [genotype()]}))
    transcript = MemoryTranscript()
    editor = Editor(
        template="evoprompting",
        caller=Caller(model=model, name="m", role="generator", transcript=transcript),
        briefing=briefing(),
    )
    editor.propose(1, "Figures.", 1, check)
    assert transcript.calls[0].request.settings["temperature"] == 0.6


def test_prompts_without_an_instruction_are_refused(tmp_path: Path) -> None:
    own = (ROOT / "agents/prompts/llmatic.md").read_text()
    heading = "<!-- section: instructions -->\n"
    (tmp_path / "llmatic.md").write_text(own.split(heading)[0] + heading)
    model = Tempered(answer=lambda messages: "")
    editor = Editor(
        template="llmatic",
        caller=Caller(model=model, name="m", role="generator", transcript=MemoryTranscript()),
        briefing=briefing(),
        options=RoleOptions(prompts=Prompts(tmp_path)),
    )
    with pytest.raises(UserError, match=r"llmatic.md: section instructions: expected one instruction"):
        _ = editor.instructions
