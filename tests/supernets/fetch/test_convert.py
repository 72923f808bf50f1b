from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from supernets.families.base import SupernetFamily
from supernets.families.registry import supernet_family
from supernets.fetch.convert import convert
from supernets.fetch.download_errors import FetchError, WrongFile
from tests.supernets.fetch.fetcher import build

OFA: SupernetFamily = supernet_family("ofa")


def test_a_checkpoint_is_written_with_our_names_and_metadata(tmp_path: Path) -> None:
    state = build(OFA).state_dict()
    torch.save({"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}}, tmp_path / "released")
    convert(tmp_path / "released", OFA, tmp_path / "out.safetensors", {"origin": "here"}, build)
    with safe_open(tmp_path / "out.safetensors", "pt") as file:
        assert file.metadata()["origin"] == "here"
        assert all(torch.equal(file.get_tensor(name), tensor) for name, tensor in state.items())


def test_another_networks_checkpoint_writes_nothing(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(3)}, tmp_path / "released")
    with pytest.raises(WrongFile, match="not those of ofa"):
        convert(tmp_path / "released", OFA, tmp_path / "out.safetensors", {}, build)
    assert not (tmp_path / "out.safetensors").exists()


def test_an_output_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    torch.save(build(OFA).state_dict(), tmp_path / "released")
    with pytest.raises(FetchError, match=r"cannot write .*absent"):
        convert(tmp_path / "released", OFA, tmp_path / "absent" / "out.safetensors", {}, build)
