"""The public names of CoLLM-NAS, for scripts and notebooks. Each is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.models.model_registry import chat_models
    from agents.models.settings import ModelSettings
    from common.errors import UserError
    from graph.config import Config
    from graph.run_folder import RunFolder
    from graph.search import Search
    from studies.ask_tell import AskTell
    from studies.export_run import export
    from studies.finetune_run import finetune
    from studies.run import Run, load
    from studies.run_search import resume, search
    from supernets.evaluate.request import EvaluatorRequest
    from supernets.evaluators import open_evaluator
    from supernets.families.registry import get_space
    from supernets.space.architecture import Architecture
    from supernets.space.space import SearchSpace

__all__ = [
    "Architecture",
    "AskTell",
    "Config",
    "EvaluatorRequest",
    "ModelSettings",
    "Run",
    "RunFolder",
    "Search",
    "SearchSpace",
    "UserError",
    "chat_models",
    "export",
    "finetune",
    "get_space",
    "load",
    "open_evaluator",
    "resume",
    "search",
]

_MODULES = {
    "Architecture": "supernets.space.architecture",
    "AskTell": "studies.ask_tell",
    "Config": "graph.config",
    "EvaluatorRequest": "supernets.evaluate.request",
    "ModelSettings": "agents.models.settings",
    "Run": "studies.run",
    "RunFolder": "graph.run_folder",
    "Search": "graph.search",
    "SearchSpace": "supernets.space.space",
    "UserError": "common.errors",
    "chat_models": "agents.models.model_registry",
    "export": "studies.export_run",
    "finetune": "studies.finetune_run",
    "get_space": "supernets.families.registry",
    "load": "studies.run",
    "open_evaluator": "supernets.evaluators",
    "resume": "studies.run_search",
    "search": "studies.run_search",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
