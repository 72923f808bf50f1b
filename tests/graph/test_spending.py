"""Money and tokens, with a real HTTP server in the place of a provider and the real litellm in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.calls.transcript import Request
from agents.model_errors import BudgetSpent
from agents.models.model_registry import chat_models
from agents.models.settings import ModelSettings, Price
from common.errors import UserError
from graph.archive.archive import Archive
from graph.budget import Budget
from graph.config import Config
from graph.replay.replay import replay
from graph.run_folder import RunFolder
from graph.spending import LONGEST_ANSWER, LimitedCallBudget, price_list, require_prices
from tests.agents.chat_server import Behaviour, Handler, completion, fails, serving
from tests.graph.fakes import MODELS, SPACE, FormulaEvaluator, config, contents, genotypes, search_in

NAME = "openai/gpt-4o-mini"
REQUEST = Request(
    role="navigator", round=1, attempt=1, model=NAME, messages=({"role": "user", "content": "Name a prime."},)
)
MODEL = ModelSettings(name=NAME)
PRICE = Price(1e-6, 1e-5)


def plays(usage: bool = True) -> Behaviour:
    """Answers as the agent that is asked."""

    def behave(handler: Handler) -> None:
        if "role: navigator" in handler.body["messages"][0]["content"]:
            text = "## Summary\nS.\n## Key patterns\nK.\n## Directions\nD."
        else:
            text = json.dumps(
                {"architectures": genotypes(handler.body["messages"][-1]["content"], 4, over=430, under=500)}
            )
        handler.reply(200, completion(text, usage))

    return behave


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunFolder]:
    """Searches to the end against a server of its own; the server's requests go to `asked`."""

    def search(
        *behaviours: Behaviour, asked: list[Any] | None = None, model: ModelSettings = MODEL, **changes: Any
    ) -> RunFolder:
        settings: Config = config(models=dict.fromkeys(MODELS, model), evaluations=12, per_round=4, **changes)
        folder = RunFolder.create(tmp_path, settings)
        with serving(*behaviours) as server:
            monkeypatch.setenv("OPENAI_API_BASE", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", "sk-loopback-only-0123456789")
            models = {role: chat_models(each, seed=1) for role, each in settings.models.items()}
            search_in(folder, models=models).run()
            if asked is not None:
                asked += server.requests
        return folder

    return search


def stopped(folder: RunFolder) -> str:
    return str(json.loads(folder.result.read_text())["stopped_because"])


def test_a_search_stops_before_the_call_that_could_overstep(run: Callable[..., RunFolder]) -> None:
    asked: list[Any] = []
    folder = run(plays(), asked=asked, usd=0.0025)
    # A call is reserved at some 0.0018 USD and costs 0.0000059: all of the budget that is left goes into its length.
    assert stopped(folder) == "budget of 12 evaluations spent"
    assert all(1000 < request["max_tokens"] < 5000 for request in asked)
    folder = run(plays(), tokens=5_000)
    assert stopped(folder).startswith("budget of 5,000 tokens spent: 36 used, the next call could take ")
    result = json.loads(folder.result.read_text())
    assert result["evaluations"] == 4
    assert result["prices"][NAME]["prompt"] == 0.15e-6
    assert result["prices"][NAME]["source"].startswith("litellm ")


def test_tokens_that_a_server_does_not_tell_are_estimated_and_marked(run: Callable[..., RunFolder]) -> None:
    total = json.loads(run(plays(usage=False)).result.read_text())["ledger"]["total"]
    assert total["calls"] == total["estimated_calls"] == 6
    assert total["prompt_tokens"] > 6000
    assert total["cost_usd"] > 0


def test_a_replay_of_a_hosted_model_asks_no_server(run: Callable[..., RunFolder], tmp_path: Path) -> None:
    recorded = run(plays(), tokens=5_000)
    folder = RunFolder.make(tmp_path, "replay")
    replay(recorded, folder, SPACE, FormulaEvaluator(), lambda event: None)
    assert folder.result.read_bytes() == recorded.result.read_bytes()
    assert contents(folder.archive) == contents(recorded.archive)


def test_a_fallback_is_paid_by_its_own_price_and_found_again_in_a_replay(
    run: Callable[..., RunFolder], tmp_path: Path
) -> None:
    def only_the_fallback(handler: Handler) -> None:
        (fails(401) if handler.body["model"] == "gpt-4" else plays())(handler)

    chain = ModelSettings(name="openai/gpt-4", fallbacks=(ModelSettings(name=NAME, price=PRICE),))
    recorded = run(only_the_fallback, model=chain, usd=5)
    result = json.loads(recorded.result.read_text())
    assert result["answered"] == {"navigator": {NAME: 3}, "generator": {NAME: 3}}
    total = result["ledger"]["total"]
    assert total["cost_usd"] == pytest.approx(PRICE.cost_usd(total["prompt_tokens"], total["completion_tokens"]))
    assert contents(recorded.archive)["reserved"] == []
    folder = RunFolder.make(tmp_path, "replay")
    replay(recorded, folder, SPACE, FormulaEvaluator(), lambda event: None)
    assert folder.result.read_bytes() == recorded.result.read_bytes()


def test_what_was_never_answered_stays_laid_aside(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    with closing(Archive(path, SPACE)) as archive:
        budget = Budget(evaluations=10, minutes=None, clock=lambda: 0.0, usd=0.5, paid=lambda: archive.calls.spent)
        call_budget = LimitedCallBudget(PRICE, budget, archive.calls)
        assert call_budget.reserve(REQUEST) == 16384  # the most that the model gives
        call_budget.release()
        assert archive.calls.spent == (0, 0.0)
        call_budget.reserve(REQUEST)
    with closing(Archive(path, SPACE)) as archive:
        budget = Budget(evaluations=10, minutes=None, clock=lambda: 0.0, usd=0.18, paid=lambda: archive.calls.spent)
        with pytest.raises(
            BudgetSpent, match=r"budget of 0.18 USD spent: 0.1639 used, the next call could take 0.0200"
        ):
            LimitedCallBudget(PRICE, budget, archive.calls).reserve(REQUEST)


def test_an_answer_may_be_as_long_as_what_is_left_can_pay(tmp_path: Path) -> None:
    with closing(Archive(tmp_path / "archive.sqlite", SPACE)) as archive:
        budget = Budget(
            evaluations=10, minutes=None, clock=lambda: 0.0, usd=0.05, tokens=10**9, paid=lambda: archive.calls.spent
        )
        longest = LimitedCallBudget(PRICE, budget, archive.calls).reserve(REQUEST)
        assert 4990 < longest < 5000 < LONGEST_ANSWER
        assert archive.calls.spent[1] <= 0.05


def test_dollars_need_prices() -> None:
    prices = price_list([ModelSettings(name="analyst", fallbacks=(ModelSettings(name="openai/pocket"),))])
    assert prices["analyst"] == {"prompt": 0.0, "completion": 0.0, "source": "no language model"}
    with pytest.raises(UserError, match=r"--usd 2 needs the price of every model; no price is known for openai/pocket"):
        require_prices(2, prices)
    require_prices(None, prices)


def test_a_price_of_the_users_own_goes_before_the_list_and_the_dearer_of_two_counts() -> None:
    own, free = ModelSettings(name=NAME, price=PRICE), ModelSettings(name=NAME, price=Price(0, 0))
    assert price_list([own])[NAME] == {"prompt": 1e-6, "completion": 1e-5, "source": "the user's own"}
    assert price_list([own, free]) == price_list([free, own]) == price_list([own])
    unknown = ModelSettings(name="openai/pocket")
    assert price_list([replace(unknown, price=PRICE), unknown]) == {"openai/pocket": None}
    assert price_list([ModelSettings(name="local")]) == {
        "local": {"prompt": 0.0, "completion": 0.0, "source": "runs on this machine"}
    }
