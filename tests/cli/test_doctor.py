"""What `doctor` reports of a machine and of a model."""

from __future__ import annotations

import pytest

from agents.models.settings import ModelSettings
from cli.doctor import model_findings
from tests.agents import chat_server as server
from tests.agents.chat_server import serving
from tests.command_line import command

pytestmark = pytest.mark.usefixtures("own_place")


def test_doctor_names_keys_and_never_shows_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-planted-and-secret")
    code, out, err = command("doctor", capsys=capsys)
    assert code == 0
    assert "anthropic" in out
    assert "analyst" in out
    assert "planted" not in out + err


def test_doctor_probes_a_model_and_its_fallbacks(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(server.says('{"prime": 7}')) as chat:
        code, out, _ = command("doctor", "--probe", "hosted_vllm/pocket", "--api-base", chat.url, capsys=capsys)
    shown = " ".join(out.split())
    assert code == 0
    assert "JSON schema yes; tool calls unknown; context unknown; price unknown" in shown
    assert "keeps the schema (asked by JSON schema)" in shown


def test_models_that_litellm_does_not_serve_have_no_findings() -> None:
    assert model_findings(ModelSettings.named("analyst, local")) == []
