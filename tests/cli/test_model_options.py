"""Which model an option, a file or the environment names, and how `doctor` tries one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.models.settings import ModelSettings
from agents.models.settings_file import parse_models
from cli.model_options import choose_models
from cli.run_file import RunFile
from common.errors import UserError

FILE = """
models:
  navigator: {name: openai/file, temperature: 0.1, fallbacks: [openai/spare]}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("COLLM_LLM", raising=False)
    path = tmp_path / "models.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def choose(file: Path | None = None, strategy: str = "collm", **given: Any) -> tuple[dict[str, ModelSettings], str]:
    """`given`: options by their names, those of one role with its name in front."""
    roles = ("navigator", "generator")
    own = {role: {k.removeprefix(f"{role}_"): v for k, v in given.items() if k.startswith(role)} for role in roles}
    both = {name: value for name, value in given.items() if not name.startswith(roles)}
    run_file = RunFile(file, parse_models(yaml.safe_load(FILE)["models"], "models")) if file else None
    return choose_models(strategy, both, own, run_file)


def test_an_option_goes_before_the_file_and_the_file_before_the_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLLM_LLM", "openai/environment")
    models, reason = choose(file)
    assert (models["navigator"].name, models["generator"].name) == ("openai/file", "openai/environment")
    assert "COLLM_LLM" in reason
    assert choose(file, generator_name="openai/option")[1] == f"from {file}"
    models, reason = choose(file, name="openai/option")
    assert models == dict.fromkeys(("navigator", "generator"), ModelSettings(name="openai/option"))
    assert reason == ""


def test_other_options_change_what_the_file_says(file: Path) -> None:
    models, _ = choose(file, generator_name="openai/g", temperature=0.5, generator_temperature=0.9)
    assert models["navigator"].temperature == 0.5
    assert [each.temperature for each in models["navigator"].fallbacks] == [0.5]
    assert models["generator"] == ModelSettings(name="openai/g", temperature=0.9)


def test_names_after_commas_are_fallbacks_and_an_address_is_only_the_firsts() -> None:
    models, _ = choose(name="openai/a, ollama/b", api_base="http://127.0.0.1:1/v1")
    assert models["generator"] == ModelSettings(
        name="openai/a", api_base="http://127.0.0.1:1/v1", fallbacks=(ModelSettings(name="ollama/b"),)
    )


def test_options_about_models_need_a_model(file: Path) -> None:
    with pytest.raises(UserError, match="--temperature: none of the selected models supports this option; name one"):
        choose(temperature=0.1)
    assert choose(name="local", temperature=0.1)[0]["generator"].temperature == 0.1
    assert choose(name="local:x.gguf", local_prompts="full")[0]["navigator"].local_prompts == "full"
    with pytest.raises(UserError, match="--local-prompts: none of the selected models supports this option"):
        choose(name="openai/gpt-5-mini", local_prompts="full")
    with pytest.raises(UserError, match="--api-base: none of the selected models supports"):
        choose(name="local", api_base="http://127.0.0.1:1/v1")
    with pytest.raises(UserError, match="--strategy random uses no model: leave out the section models of"):
        choose(file, strategy="random")
