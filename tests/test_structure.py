"""The rooms of the program: imports point down, never in a circle; lazy and type-only ones count, too."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

ROOMS = ("common", "agents", "supernets", "graph", "studies", "cli", "collm_nas", "main")
"""From the ground up. `agents` and `supernets` are beside each other, and `collm_nas` is beside `cli`."""
BESIDE = (("agents", "supernets"), ("cli", "collm_nas"))
INSIDE = {
    "agents": (("text", "model_errors"), ("models",), ("calls",), ("roles",)),
    "supernets": (
        ("space", "images"),
        ("network", "code"),
        ("evaluate", "latency"),
        ("families",),
        ("load", "fetch"),
        ("train", "training_processes", "training_state", "recorded_steps", "finetune", "export"),
        ("evaluators",),
    ),
}
"""Within a room from the ground up; modules that no level names are at the top."""
PARALLELS = {
    "__init__", "__main__", "space", "model", "cost", "layout", "family", "checkpoint_names", "latency",
    "plain_network", "plain_shape",
}  # fmt: skip
"""File names that every family repeats on purpose."""


def _modules() -> dict[str, Path]:
    found = {}
    for top in ROOMS:
        for path in sorted((ROOT / top).rglob("*.py")) if (ROOT / top).is_dir() else [ROOT / f"{top}.py"]:
            if path.exists():
                parts = path.relative_to(ROOT).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = _modules()


def _imports(name: str) -> Iterator[str]:
    """Modules of the program that a module imports anywhere in its text; a package counts as its `__init__`."""
    path = MODULES[name]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                if whole in MODULES:
                    yield whole
                elif module in MODULES:
                    yield module


IMPORTS = {name: set(_imports(name)) - {name} for name in MODULES}


def _level(name: str) -> int:
    """The place of a module in its room; modules that no level names are at the room's top."""
    room, _, rest = name.partition(".")
    levels = INSIDE.get(room, ())
    part = rest.partition(".")[0]
    return next((i for i, parts in enumerate(levels) if part in parts), len(levels))


def test_no_imports_go_in_a_circle() -> None:
    done: set[str] = set()
    for start in MODULES:
        path: list[str] = []
        waiting = [(start, iter(sorted(IMPORTS[start])))]
        path.append(start)
        while waiting:
            name, rest = waiting[-1]
            following = next((each for each in rest if each not in done), None)
            if following is None:
                done.add(name)
                waiting.pop()
                path.pop()
            else:
                circle = [*path[path.index(following) :], following] if following in path else []
                assert not circle, " -> ".join(circle)
                waiting.append((following, iter(sorted(IMPORTS[following]))))
                path.append(following)


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_down(name: str) -> None:
    room = name.partition(".")[0]
    for imported in sorted(IMPORTS[name]):
        other = imported.partition(".")[0]
        arrow = f"{name} -> {imported}"
        assert ROOMS.index(other) <= ROOMS.index(room), arrow
        assert (other, room) not in BESIDE, arrow
        if other == room:
            assert _level(imported) <= _level(name), arrow


def test_a_file_name_stands_for_one_thing() -> None:
    named = Counter(path.stem for name, path in MODULES.items() if not name.startswith("cli.") or "terminal" in name)
    assert {stem: count for stem, count in named.items() if count > 1 and stem not in PARALLELS} == {}


def test_rooms_are_those_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "tools"}
    assert {folder for folder in folders if f"\n{folder}/" not in readme} == set()
