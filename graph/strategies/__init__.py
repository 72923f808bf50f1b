"""The strategies by the names a user types. Each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from errors import UserError
from graph.strategies.base import Strategy


def _collm() -> type[Strategy]:
    from graph.strategies.collm import CoLLM

    return CoLLM


def _random() -> type[Strategy]:
    from graph.strategies.random_search import RandomSearch

    return RandomSearch


_STRATEGIES: dict[str, Callable[[], type[Strategy]]] = {"collm": _collm, "random": _random}


def strategy_names() -> list[str]:
    return list(_STRATEGIES)


def get_strategy(name: str) -> type[Strategy]:
    """
    Raises:
        UserError: no strategy has this name.
    """
    if name not in _STRATEGIES:
        raise UserError(f"unknown strategy {name!r}: expected one of {', '.join(_STRATEGIES)}")
    return _STRATEGIES[name]()
