"""Run folders and the configuration in them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from common.errors import UserError
from graph.run_folder import RunFolder
from tests.graph.fakes import config
from tests.paths import ROOT

NOON = datetime(2026, 1, 2, 12, 0, 0)


def test_a_folder_is_named_by_time_supernet_and_seed_and_never_shared(tmp_path: Path) -> None:
    folders = [RunFolder.create(tmp_path / "runs", config(), now=NOON) for _ in range(3)]
    assert [folder.id for folder in folders] == [f"20260102-120000-ofa-s1{end}" for end in ("", "-2", "-3")]


def test_a_run_is_found_by_id_and_by_path(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config(), now=NOON)
    assert RunFolder.find(tmp_path, folder.id) == folder
    assert RunFolder.find(Path("elsewhere"), str(folder.path)) == folder


def test_a_run_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there are none yet"):
        RunFolder.find(tmp_path, "nope")
    folder = RunFolder.create(tmp_path, config(), now=NOON)
    with pytest.raises(UserError, match=f"no run 'nope'.*the latest are {folder.id}"):
        RunFolder.find(tmp_path, "nope")


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(UserError, match="cannot make a run folder under"):
        RunFolder.create(tmp_path / "runs", config())


def test_the_lock_names_its_holder_and_ends_with_it(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config())
    code = (
        "import sys, time; from pathlib import Path; from graph.run_folder import RunFolder\n"
        "with RunFolder(Path(sys.argv[1])).lock(): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(UserError, match=f"in use by process {process.pid}"), folder.lock():
            pass
        process.kill()
    with folder.lock():
        pass


def test_a_configuration_comes_back_as_it_went(tmp_path: Path) -> None:
    settings = config(minutes=2.5, target=80.0, weights="w.pt", images="pictures", device="cuda")
    assert RunFolder.create(tmp_path, settings).config() == settings


def test_a_configuration_that_cannot_be_used_is_refused_with_its_file(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config())
    (folder.path / "config.json").write_text("nonsense")
    with pytest.raises(UserError, match=r"config.json is not the configuration of a run"):
        folder.config()


def test_a_result_replaces_the_one_before_whole(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, config())
    folder.write_result({"schema": 1, "seed": 1})
    folder.write_result({"schema": 1, "seed": 2})
    assert json.loads(folder.result.read_text()) == {"schema": 1, "seed": 2}
    assert sorted(path.name for path in folder.path.iterdir()) == ["config.json", "result.json"]


def test_a_name_is_that_of_the_folder_and_is_taken_once(tmp_path: Path) -> None:
    assert RunFolder.create(tmp_path, config(), "base-line.2").id == "base-line.2"
    with pytest.raises(UserError, match=r"--name base-line\.2: .* exists; continue it"):
        RunFolder.create(tmp_path, config(), "base-line.2")


@pytest.mark.parametrize("name", ["", ".", "..", "-x", ".hidden", "a/b", "../x", "a b", "é", "x" * 81, "a\n"])
def test_a_name_that_is_no_folder_of_its_own_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="expected letters, digits, dots"):
        RunFolder.create(tmp_path, config(), name)
    assert list(tmp_path.iterdir()) == []
