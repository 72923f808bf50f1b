"""Checks the arguments of calls: which there are, and which values each may have.

Values are normalised, so that two spellings of one call have equal attributes: arguments that equal the default are
left out, and a pair of equal numbers is one number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supernets.code.refusal import Refused

Attributes = tuple[tuple[str, Any], ...]
Check = Callable[[Any], Any]
"""Returns the normalised value; raises `ValueError` with what is expected."""
REQUIRED = object()
MOST = 4096
"""Largest size, such as a number of channels."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a call."""

    name: str
    check: Check
    default: Any = REQUIRED
    acts: bool = True
    """False for what may be written and changes nothing here, such as `inplace`."""


def whole(low: int = 0, high: int = MOST) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return check


def sizes(count: int, low: int = 0, high: int = MOST) -> Check:
    """One number for all `count` dimensions, or one for each."""
    one = whole(low, high)

    def check(value: Any) -> int | tuple[int, ...]:
        if not isinstance(value, list | tuple):
            return int(one(value))
        if len(value) != count:
            raise ValueError(f"one number or {count} numbers")
        found = tuple(int(one(each)) for each in value)
        return found[0] if len(set(found)) == 1 else found

    return check


def several(low: int = -MOST, high: int = MOST) -> Check:
    """A number or a list of numbers, as a tuple."""
    one = whole(low, high)

    def check(value: Any) -> tuple[int, ...]:
        values = value if isinstance(value, list | tuple) else [value]
        if not 1 <= len(values) <= 8:
            raise ValueError("from 1 to 8 numbers")
        return tuple(int(one(each)) for each in values)

    return check


def number(low: float = -1e6, high: float = 1e6) -> Check:
    def check(value: Any) -> float:
        if type(value) not in (int, float) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return float(value)

    return check


def flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("True or False")
    return value


def one_of(*choices: Any) -> Check:
    def check(value: Any) -> Any:
        if not any(value is each or (type(value) is type(each) and value == each) for each in choices):
            raise ValueError(" or ".join(map(repr, choices)))
        return value

    return check


def either(*checks: Check) -> Check:
    def check(value: Any) -> Any:
        expected = []
        for each in checks:
            try:
                return each(value)
            except ValueError as error:
                expected.append(str(error))
        raise ValueError(" or ".join(expected))

    return check


def bind(name: str, parameters: Sequence[Parameter], args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a call in the order of the parameters, without those that equal their default.

    Raises:
        Refused: an argument too many, one that is missing, or a value that is not allowed.
    """
    names = [parameter.name for parameter in parameters]
    if len(args) > len(names):
        raise Refused(f"{name}: expected at most {len(names)} arguments ({', '.join(names)}), found {len(args)}")
    given = dict(zip(names, args, strict=False))
    for key, value in kwargs.items():
        if key not in names:
            raise Refused(f"{name}: no argument {key!r} is allowed; expected {', '.join(names) or 'none'}")
        if key in given:
            raise Refused(f"{name}: argument {key} is given twice")
        given[key] = value
    found: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.name not in given:
            if parameter.default is REQUIRED:
                raise Refused(f"{name}: argument {parameter.name} is missing")
            continue
        try:
            value = parameter.check(given[parameter.name])
        except ValueError as error:
            raise Refused(f"{name}: {parameter.name}: expected {error}, found {shown(given[parameter.name])}") from None
        if parameter.acts and not (value == parameter.default and type(value) is type(parameter.default)):
            found[parameter.name] = value
    return found


def shown(value: Any) -> str:
    """A value in an error: plain values as they are written, others by their kind."""
    if isinstance(value, bool | int | float | str) or value is None:
        return f"{value!r:.40}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return getattr(value, "kind", type(value).__name__)
