"""The search strategies by the names that a user types. Each is imported when it is requested."""

from __future__ import annotations

from importlib import import_module

from common.errors import UserError, unknown_name
from graph.strategies.search_strategy import SearchStrategy

_STRATEGIES = {
    "collm": "collm.CoLLM",
    "sillm": "sillm.SiLLM",
    "opro": "opro.OPRO",
    "llmatic": "llmatic.LLMatic",
    "llmatic-networks": "llmatic.NetworkArchiveOnly",
    "llmatic-prompts": "llmatic.PromptArchiveOnly",
    "llmatic-mutation": "llmatic.MutationOnly",
    "llmatic-crossover": "llmatic.CombinationOnly",
    "llmatic-random": "llmatic.Invention",
    "evoprompting": "evoprompting.EvoPrompting",
    "evoprompting-memory": "evoprompting.EvoPromptingMemory",
    "evoprompting-bandit": "evoprompting.EvoPromptingBandit",
    "random": "random_search.RandomSearch",
    "evolution": "ageing_evolution.AgeingEvolution",
    "evolution-spos": "generational_evolution.SPOSEvolution",
    "evolution-ofa": "generational_evolution.OFAEvolution",
    "nsga2": "nsga2.NSGA2",
    "hs-nas": "hs_nas.HSNAS",
    "reinforce": "reinforce.Reinforce",
    "local": "local_search.LocalSearch",
    "surrogate": "surrogate.Surrogate",
    "random-edits": "random_edits.RandomEdits",
    "optuna-tpe": "optuna_search.OptunaTPE",
    "optuna-gp": "optuna_search.OptunaGP",
}
"""Name to module and class in this package."""


def strategy_names() -> list[str]:
    return list(_STRATEGIES)


def get_strategy(name: str) -> type[SearchStrategy]:
    """
    Raises:
        UserError: no strategy has this name.
    """
    if name not in _STRATEGIES:
        raise UserError(unknown_name("strategy", name, strategy_names()))
    module, attribute = _STRATEGIES[name].split(".")
    found: type[SearchStrategy] = getattr(import_module(f"graph.strategies.{module}"), attribute)
    return found
