from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agents.models.analyst.analyst import AnalystChatModel
from agents.models.model_registry import (
    chat_model,
    default_model,
    is_analyst,
    is_language_model,
    local_servers,
    present_keys,
    uses_litellm,
)
from agents.models.settings import ModelSettings
from common.errors import UserError
from tests.paths import ROOT


class ModelsHandler(BaseHTTPRequestHandler):
    """`/v1/models` as servers have it, `/page` for something else on the port, `/slow` for something stuck."""

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(1)
        body = b"<html></html>" if self.path == "/page" else b'{"data": []}'
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), ModelsHandler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_servers_that_answer_are_found_and_others_cost_no_time(port: int) -> None:
    asked = [("vLLM", port, "/v1/models"), ("a web page", port, "/page"), ("stuck", port, "/slow"), ("none", 9, "/")]
    start = time.monotonic()
    assert local_servers(asked) == [("vLLM", f"http://127.0.0.1:{port}")]
    assert time.monotonic() - start < 0.9


def test_proxies_are_passed_by(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert local_servers([("vLLM", port, "/v1/models")]) == [("vLLM", f"http://127.0.0.1:{port}")]


def test_keys_are_told_by_name_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith("_API_KEY") or name.startswith("AWS_"):
            monkeypatch.delenv(name)
    assert present_keys() == []
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "")
    assert present_keys() == ["openai"]


def test_without_a_name_the_analyst_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLLM_LLM", raising=False)
    assert default_model()[0] == "analyst"
    assert "no language model is involved" in default_model()[1]
    monkeypatch.setenv("COLLM_LLM", "ollama_chat/qwen3")
    assert default_model() == ("ollama_chat/qwen3", "named by the environment variable COLLM_LLM")


@pytest.mark.parametrize("name", ["analyst", "offline"])
def test_the_analyst_answers_to_its_name_and_its_former_name(name: str) -> None:
    assert isinstance(chat_model(ModelSettings(name=name), seed=1), AnalystChatModel)
    assert is_analyst(name)
    assert not is_language_model(name)
    assert not uses_litellm(name)


def test_other_names_are_not_the_analyst() -> None:
    assert [is_language_model(name) for name in ("scripted:x.json", "local", "openai/gpt-5-mini")] == [
        False,
        True,
        True,
    ]
    assert not any(map(is_analyst, ("scripted:x.json", "local", "openai/offline", "offline2")))


def test_a_script_is_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"navigator": ["x"]}))
    assert chat_model(ModelSettings(name=f"scripted:{path}"), seed=1)._llm_type == "scripted"
    with pytest.raises(UserError, match="cannot read the scripted answers"):
        chat_model(ModelSettings(name="scripted:"), seed=1)


def test_looking_around_imports_nothing_heavy() -> None:
    code = "import sys, agents; assert not {'litellm', 'langchain_core', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
