"""Searches from a script against those of the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

import collm_nas
from agents.model_errors import ModelError
from collm_nas import ModelSettings, UserError
from graph.config import Config
from graph.events import Event
from studies.run_search import SearchSettings
from tests.agents import chat_server as server
from tests.agents.chat_server import serving
from tests.command_line import command

pytestmark = pytest.mark.usefixtures("own_place")
SETTINGS: dict[str, Any] = {"evaluations": 20, "seed": 5, "dataset": "cifar100", "limits": {"params_m": 1.0}}


def result(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "result.json").read_text())
    for counts in (found["ledger"]["total"], *found["ledger"]["rounds"]):
        del counts["model_seconds"], counts["scoring_seconds"]
    return found


def test_a_search_finds_what_the_command_line_finds(capsys: pytest.CaptureFixture[str]) -> None:
    run = collm_nas.search("nasbench201", runs="scripted", **SETTINGS)
    options = ("--evaluations", 20, "--seed", 5, "--dataset", "cifar100", "--max-params", 1.0, "--quiet")
    assert command("--supernet", "nasbench201", *options, capsys=capsys)[0] == 0
    (typed,) = Path("runs").glob("*")
    assert result(run.folder) == result(typed)
    assert run.folder.parent.name == "scripted"
    assert run.config == collm_nas.load(typed).config


def test_events_are_those_of_a_trace() -> None:
    events: list[Event] = []
    run = collm_nas.search("nasbench201", on_event=events.append, **SETTINGS)
    names = [type(event).__name__ for event in events]
    assert (names[0], names[-1]) == ("RunStarted", "RunEnded")
    assert names.count("Evaluated") == len(run.evaluations) == 20


def test_defaults_are_those_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    run = collm_nas.search("ofa-w1.0-predicted", evaluations=3)
    assert (
        command("--supernet", "ofa-w1.0", "--score", "predictor", "--evaluations", 3, "--quiet", capsys=capsys)[0] == 0
    )
    configs = [collm_nas.load(folder).config for folder in sorted(Path("runs").glob("*"))]
    assert configs[0] == configs[1] == run.config
    assert run.config.limits


def test_models_may_differ_by_role() -> None:
    run = collm_nas.search(
        "nasbench201", llm={"navigator": ModelSettings(name="analyst"), "generator": "analyst, analyst"}, evaluations=2
    )
    chains = {role: len(each.fallback_chain) for role, each in run.config.models.items()}
    assert chains == {"navigator": 1, "generator": 2}
    assert collm_nas.search("nasbench201", strategy="random", evaluations=2).config.models == {}


def test_a_run_whose_model_failed_is_resumed() -> None:
    with serving(server.fails(401)) as chat:
        model = ModelSettings(name="hosted_vllm/pocket", api_base=chat.url)
        with pytest.raises(ModelError) as raised:
            collm_nas.search("nasbench201", llm=model, evaluations=2)
    (run,) = Path("runs").glob("*")
    assert str(raised.value).endswith(f"Continue: collm_nas.resume({str(run)!r})")
    config = (run / "config.json").read_text()
    (run / "config.json").write_text(config.replace(model.name, "analyst").replace(f'"{chat.url}"', "null"))
    resumed = collm_nas.resume(run.name)
    assert len(resumed.evaluations) == 2
    assert resumed.report is not None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"evaluations": 0}, "evaluations: expected 1 or more, got 0"),
        ({"evaluation": 5}, "evaluation"),
        ({"limits": {"macs": 5}}, "macs"),
        ({"strategy": "random", "llm": "analyst"}, "llm: the strategy random uses no model"),
        ({"weights": "x.safetensors"}, "--weights"),
        ({"llm": {"judge": "analyst"}}, "expected a model for navigator and generator, got one for judge"),
    ],
)
def test_mistakes_are_explained_and_leave_no_run(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        collm_nas.search("nasbench201", **settings)
    assert not Path("runs").exists()


def test_settings_are_those_of_a_configuration() -> None:
    own, theirs = get_type_hints(SearchSettings), get_type_hints(Config)
    assert set(own) == set(Config.model_fields) - {"supernet", "models", "interactive", "sweep"}
    for name in ("evaluations", "seed", "strategy", "disguise", "fidelity"):
        expected = theirs[name]
        assert own[name] == expected or own[name] in get_args(expected), name
