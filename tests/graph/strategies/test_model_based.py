"""The strategies that ask language models, with the analyst and with written answers in their place."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

from agents.calls.transcript import Message
from agents.models.analyst.analyst import AnalystChatModel
from agents.models.settings import ModelSettings
from common.errors import UserError
from graph.archive.archive import Archive
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from graph.strategies import get_strategy
from supernets.evaluate.evaluator import Evaluator
from tests.graph.strategies.conformance import LIMIT, SPACE, Additive, recorded


def analyst_config(name: str, evaluations: int = 60, **changes: Any) -> Config:
    asked = dict.fromkeys(get_strategy(name).roles, ModelSettings(name="analyst"))
    return Config(
        supernet="spos", strategy=name, evaluations=evaluations, limits={"macs_m": LIMIT}, models=asked, **changes
    )


def run(folder: RunFolder, evaluator: Evaluator, model: BaseChatModel | None = None) -> dict[str, Any]:
    config = folder.config()
    fallback_chain = {role: [model or AnalystChatModel()] for role in config.models}
    found = Search(
        config=config, space=SPACE, evaluator=evaluator, models=fallback_chain, folder=folder, sink=lambda event: None
    ).run()
    assert found is not None
    return found


def sent(folder: Path, attempt: int = 1) -> list[list[Message]]:
    (run,) = folder.iterdir()
    with closing(Archive(RunFolder(run).archive, SPACE)) as archive:
        return [list(call.request.messages) for call in archive.calls if call.request.attempt == attempt]


@pytest.mark.parametrize("name", ["collm", "sillm", "opro"])
def test_the_analyst_learns_in_each_and_a_run_that_was_cut_goes_on(tmp_path: Path, name: str) -> None:
    run(RunFolder.create(tmp_path / "whole", analyst_config(name)), Additive())
    _, scored = recorded(tmp_path / "whole")
    assert len({evaluation.architecture for evaluation in scored}) == len(scored) == 60
    first, last = (sum(evaluation.top1 for evaluation in part) / 16 for part in (scored[:16], scored[-16:]))
    assert last > first + 2

    cut = RunFolder.create(tmp_path / "cut", analyst_config(name))
    with pytest.raises(KeyboardInterrupt):
        run(cut, Additive(stop_at=37))
    run(cut, Additive())
    assert recorded(tmp_path / "cut") == recorded(tmp_path / "whole")


def test_sillm_is_the_single_conversation_and_wants_one_model(tmp_path: Path) -> None:
    run(RunFolder.create(tmp_path / "sillm", analyst_config("sillm", 30)), Additive())
    run(RunFolder.create(tmp_path / "single", analyst_config("collm", 30, single=True)), Additive())
    assert sent(tmp_path / "sillm") == sent(tmp_path / "single")
    with pytest.raises(UserError, match="one model in both roles"):
        Config(
            supernet="spos",
            strategy="sillm",
            models={"navigator": ModelSettings(name="a"), "generator": ModelSettings(name="b")},
        )
