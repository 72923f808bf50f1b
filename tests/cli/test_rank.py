"""The command that has a model rank networks blind, as a person uses it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from graph.archive.archive import Archive
from supernets.families.registry import get_space
from tests.agents.chat_server import says, serving
from tests.command_line import command

ORDER = {"ranking": list("ABCDEFGHIJ")}


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLM_LLM", raising=False)


def test_a_ranking_is_shown_written_and_added_to_without_asking_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("answers.json").write_text(json.dumps({"ranker": [ORDER, [{"ranking": ["A"]}, ORDER], "no idea"]}))
    asked = ("rank", "--dataset", "cifar100", "--llm", "scripted:answers.json")
    assert command(*asked, "--trials", 1, capsys=capsys)[0] == 0
    code, out, _ = command(*asked, "--trials", 3, capsys=capsys)
    assert code == 0
    assert "2 of 3 trials" in out
    (folder,) = (tmp_path / "rankings").iterdir()
    found = json.loads((folder / "ranking.json").read_text())
    assert (found["ranked"], found["broken_answers"], found["ledger"]["calls"]) == (2, 3, 5)
    assert {"ranking.png", "ranking.svg"} < {path.name for path in folder.iterdir()}
    code, out, _ = command(*asked, "--trials", 1, "--disguise", capsys=capsys)
    assert "under neutral names" in out
    (disguised,) = set((tmp_path / "rankings").iterdir()) - {folder}
    with closing(Archive(disguised / "archive.sqlite", get_space("nasbench201"))) as archive:
        sent = "".join(message["content"] for call in archive.calls for message in call.request.messages)
    assert "x[0]" in sent
    assert not {word for word in ("CIFAR", "3x3", "cell", "NAS") if word in sent}


def test_a_model_has_an_address_and_a_temperature(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with serving(says(json.dumps(ORDER))) as server:
        asked = ("rank", "--llm", "openai/any", "--api-base", server.url, "--temperature", 0.25, "--trials", 1)
        code, out, _ = command(*asked, capsys=capsys)
    assert code == 0
    assert "1 of 1 trials" in out
    assert server.requests[0]["temperature"] == 0.25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--llm", "scripted:none.json", "--temperature", 1), "--temperature: none of the selected models supports"),
        (("--trials", 0, "--llm", "scripted:none.json"), "--trials: expected 1 or more, got 0"),
        (("--supernet", "ofa"), "expected a tabular benchmark, nasbench201 or nasbench-macro; got ofa"),
        (("--dataset", "mnist"), "nasbench201 has cifar10, cifar100, imagenet16-120; got 'mnist'"),
        ((), "the analyst cannot rank architectures without scores"),
    ],
)
def test_mistakes_are_reported(arguments: tuple[object, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command("rank", *arguments, capsys=capsys)
    assert code == 2
    assert message in err
