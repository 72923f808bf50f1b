"""Families that users bring: in a file, `path/to/family.py:NAME`, or in the entry points of an installed package.

Both run the user's code, as importing a package does. A file's folder joins the module path, so that the file can
import its neighbours; their names should be unusual ones.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from common.errors import UserError
from supernets.families.base import Family

GROUP = "collm_nas.families"
"""Entry points, each a family under its own name."""


def is_file_name(name: str) -> bool:
    """Whether a name is of the form `path/to/family.py:NAME`."""
    return name.rpartition(":")[0].endswith(".py")


def absolute_name(name: str) -> str:
    """The name under which a family is found from any folder: a file's with its whole path."""
    if not is_file_name(name):
        return name
    path, _, attribute = name.rpartition(":")
    return f"{Path(path).expanduser().absolute()}:{attribute}"


def family_in_file(name: str) -> Family:
    """
    Raises:
        UserError: there is no such file, it cannot be imported, or it has no family of this name.
    """
    path, _, attribute = name.rpartition(":")
    return _family_in_file(Path(path).expanduser().resolve(), attribute)


@cache
def _family_in_file(path: Path, attribute: str) -> Family:
    if not path.is_file():
        raise UserError(f"--supernet {path}:{attribute}: expected a Python file there, found none")
    module = f"collm_nas_family_{path.stem}"
    spec = importlib.util.spec_from_file_location(module, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    sys.modules[module] = loaded  # dataclasses and pickle look their module up
    try:
        spec.loader.exec_module(loaded)
    except Exception as error:
        del sys.modules[module]
        raise UserError(
            f"--supernet {path}:{attribute}: importing the file raised {type(error).__name__}: {error}; "
            f"python {path} shows where"
        ) from error
    found = getattr(loaded, attribute, None)
    if not isinstance(found, Family):
        families = [each for each, value in vars(loaded).items() if isinstance(value, Family)]
        raise UserError(
            f"--supernet {path}:{attribute}: expected the name of a SupernetFamily, got "
            f"{'no such name' if found is None else type(found).__name__}; the file has {', '.join(families) or 'none'}"
        )
    return found


@cache
def _installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def installed_names() -> list[str]:
    """Names of the families that installed packages offer."""
    return sorted(_installed())


@cache
def installed_family(name: str) -> Family | None:
    """The family of this name in an installed package, or None.

    Raises:
        UserError: it cannot be imported, or is no family of this name.
    """
    entry = _installed().get(name)
    if entry is None:
        return None
    origin = f"the entry point {name} = {entry.value!r} of {entry.dist.name if entry.dist else 'a package'}"
    try:
        found = entry.load()
    except Exception as error:
        raise UserError(f"{origin} raised {type(error).__name__}: {error}; install another version of it") from error
    if not isinstance(found, Family) or found.name != name:
        what = f"the family {found.name}" if isinstance(found, Family) else type(found).__name__
        raise UserError(f"{origin}: expected a SupernetFamily named {name}, got {what}; tell its authors")
    return found
