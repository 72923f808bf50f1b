"""`python main.py fetch` as a person uses it: full-size weights in the released form, from a server on loopback."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch

from supernets.families.registry import supernet_family
from supernets.load import load_supernet
from supernets.network.checkpoint import weights_hash
from tests.command_line import command
from tests.supernets.families import golden
from tests.supernets.fetch.file_server import answer, serve, serving


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("COLLM_MIRROR", raising=False)
    monkeypatch.delenv("COLLM_OFFLINE", raising=False)


def test_fetched_weights_are_loaded_by_the_command_that_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "ofa-w1.0"
    file = io.BytesIO()
    torch.save({"state_dict": golden.released_state(name)}, file)
    with serving(serve(file.getvalue())) as server:
        monkeypatch.setenv("COLLM_MIRROR", server.url)
        code, out, err = command("fetch", name, capsys=capsys)
        assert (code, err) == (0, "")
        code, again, _ = command("fetch", name, "--offline", capsys=capsys)
        assert len(server.paths) == 1
    path = Path("cache/collm-nas/weights/ofa-w1.0.safetensors").resolve()
    assert f"wrote {path}" in out
    assert f"python main.py --supernet {name} --weights {path} --imagenet DIR" in out
    assert code == 0
    assert "already there" in again
    loaded = load_supernet(supernet_family(name), path)
    assert loaded.metadata.classes == ()
    assert weights_hash(loaded.net.state_dict()) == weights_hash(golden.network(name, torch.float32).state_dict())


def test_an_option_goes_before_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer(404)) as named, serving(answer(404)) as environment:
        monkeypatch.setenv("COLLM_MIRROR", environment.url)
        code, _, err = command("fetch", "ofa", "--mirror", named.url, capsys=capsys)
        assert (len(named.paths), len(environment.paths)) == (1, 0)
    assert code == 2
    assert err.startswith("error: http://127.0.0.1")
    assert "404" in err


def test_the_environment_can_forbid_the_network(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer(404)) as server:
        monkeypatch.setenv("COLLM_MIRROR", server.url)
        monkeypatch.setenv("COLLM_OFFLINE", "1")
        code, _, err = command("fetch", "ofa", capsys=capsys)
        assert server.paths == []
    assert code == 2
    assert "error: offline" in err


def test_weights_that_only_a_browser_can_read_get_steps(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = command("fetch", "spos", capsys=capsys)
    assert (code, out) == (2, "")
    assert "python main.py fetch spos --from checkpoint-150000.pth.tar" in err


def test_what_went_wrong_on_the_way_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer(503), answer(404)) as server:
        code, out, err = command("fetch", "ofa", "--mirror", server.url, capsys=capsys)
    assert (code, out) == (2, "")
    assert "the server answered 503 (Service Unavailable); try 2 of 5 in 1 s" in err
    assert "\x1b" not in err
