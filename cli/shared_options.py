"""Options of one command for another, so that each option is defined once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

Command = Callable[..., None]


def with_options_of(other: Command, *, without: Collection[str]) -> Callable[[Command], Command]:
    """Add to a command the options of another that it does not have; it reads their values from its context.

    Args:
        without: names of options of the other command that are not added.
    """

    def decorate(command: Command) -> Command:
        own = inspect.signature(command, eval_str=True).parameters
        shared = inspect.signature(other, eval_str=True).parameters
        added = {name: option for name, option in shared.items() if name not in own and name not in without}
        parameters = [option.replace(kind=inspect.Parameter.KEYWORD_ONLY) for option in {**own, **added}.values()]

        @wraps(command)
        def with_all(**values: Any) -> None:
            command(**{name: values[name] for name in own})

        with_all.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        with_all.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return with_all

    return decorate
