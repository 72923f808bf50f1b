"""Families from files and from installed packages, and what is said of those that cannot be used."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from common.errors import UserError
from supernets.families import own_families
from supernets.families.own_families import absolute_name, is_file_name
from supernets.families.registry import get_family, get_space, space_names, supernet_family
from tests.paths import ROOT

FILE = ROOT / "examples" / "tiny_resnet" / "tiny_resnet_family.py"


def test_a_file_is_told_from_a_name() -> None:
    assert is_file_name("a/family.py:MINE")
    assert not any(map(is_file_name, ("ofa", "ofa-w1.0", "family.py", "a:b")))
    assert absolute_name("ofa") == "ofa"


def test_a_family_in_a_file_is_found_from_any_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILE.parent)
    name = absolute_name(f"{FILE.name}:TINY_RESNET")
    assert name == f"{FILE}:TINY_RESNET"
    monkeypatch.chdir("/")
    family = supernet_family(name)
    assert family.name == get_space(name).name == "tiny-resnet"
    assert family is supernet_family(name)
    assert str(FILE.parent) in sys.path


@pytest.mark.parametrize(
    ("text", "attribute", "message"),
    [
        (None, "MINE", r"expected a Python file there, found none"),
        ("1 / 0", "MINE", r"importing the file raised ZeroDivisionError: division by zero; python .*family\.py shows"),
        ("def f(:", "MINE", r"raised SyntaxError"),
        ("import absent_module", "MINE", r"raised ModuleNotFoundError: No module named 'absent_module'"),
        ("MINE = 3", "MINE", r"expected the name of a SupernetFamily, got int; the file has none"),
        ("from tiny_resnet_family import TINY_RESNET", "MINE", r"got no such name; the file has TINY_RESNET"),
        (
            "from supernets.families.registry import get_family\nMINE = get_family('ofa')",
            "MINE",
            r"named ofa, like one",
        ),
    ],
)
def test_what_is_no_family_is_explained(text: str | None, attribute: str, message: str, tmp_path: Path) -> None:
    supernet_family(f"{FILE}:TINY_RESNET")  # its folder is on the path
    if text is not None:
        (tmp_path / "family.py").write_text(text)
    with pytest.raises(UserError, match=message):
        get_family(f"{tmp_path / 'family.py'}:{attribute}")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package on the path whose metadata has entry points, as pip would install it."""
    (tmp_path / "their_families.py").write_text(
        f"import sys\nsys.path.append({str(FILE.parent)!r})\n"
        "from tiny_resnet_family import TINY_RESNET as GOOD\nOTHER = 3\n"
    )
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[collm_nas.families]\ntiny-resnet = their_families:GOOD\nodd = their_families:OTHER\n"
        "absent = their_families:NONE\nrenamed = their_families:GOOD\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    own_families._installed.cache_clear()
    own_families.installed_family.cache_clear()


@pytest.mark.usefixtures("installed")
def test_a_package_offers_families_by_entry_points() -> None:
    assert {"tiny-resnet", "odd"} <= set(space_names())
    assert supernet_family("tiny-resnet").name == "tiny-resnet"
    for name, message in (
        ("odd", "expected a SupernetFamily named odd, got int; tell its authors"),
        ("renamed", "expected a SupernetFamily named renamed, got the family tiny-resnet"),
        ("absent", "of theirs raised AttributeError"),
    ):
        with pytest.raises(UserError, match=message):
            get_family(name)
    own_families._installed.cache_clear()
    own_families.installed_family.cache_clear()


def test_entry_points_are_of_this_group() -> None:
    assert own_families.GROUP == "collm_nas.families"
    assert all(isinstance(entry, EntryPoint) for entry in own_families._installed().values())
