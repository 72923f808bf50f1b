"""The command line as a person uses it: real commands on a small image folder with the bundled weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import main
from supernets.families.registry import get_space, supernet_family
from supernets.load import load_supernet, pocket_weights
from tests.paths import ROOT

TIMES = {"seconds", "elapsed", "remaining", "model_seconds", "scoring_seconds", "run"}
BEYOND_BOUNDS = {"r": 208, "d": [3, 3, 3, 3, 5], "ks": [3] * 19, "e": "no", "width": 1}


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("COLLM_LLM", raising=False)
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few images of each class of the bundled weights."""
    root = tmp_path_factory.mktemp("images") / "small"
    rng = np.random.default_rng(0)
    for name in load_supernet(supernet_family("ofa"), None).metadata.classes:
        (root / name).mkdir(parents=True)
        for i in range(8):
            Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(root / name / f"{i}.png")
    return root


def command(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command, in this process."""
    capsys.readouterr()
    code: Any = 0
    argv, sys.argv = sys.argv, ["main.py", *map(str, arguments)]
    try:
        main.run()
    except SystemExit as exit_:
        code = exit_.code or 0
    finally:
        sys.argv = argv
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def search_events(images: Path, capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, Any]]:
    arguments = ("--supernet", "ofa", "--images", images, "--evaluations", 20, "--json", *arguments)
    code, out, err = command(*arguments, capsys=capsys)
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def test_a_search_twice_with_one_seed_is_the_same_search(images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (search_events(images, capsys, "--seed", 1) for _ in range(2))
    kept = [e for e in first if e["event"] != "run_started"]
    assert without_times(kept) == without_times([e for e in second if e["event"] != "run_started"])
    assert len([e for e in first if e["event"] == "evaluated"]) == 20
    other = search_events(images, capsys, "--seed", 2)
    proposals = [e["genotypes"] for e in first if e["event"] == "proposals_made"]
    assert proposals != [e["genotypes"] for e in other if e["event"] == "proposals_made"]


def test_a_finished_run_has_its_files_and_keeps_the_limit(images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = search_events(images, capsys, "--max-params", 6, "--strategy", "random")
    (folder,) = Path("runs").iterdir()
    result = json.loads((folder / "result.json").read_text())
    assert result == events[-1]["result"]
    assert result["params_m"] <= 6
    assert result["evaluations"] == 20
    assert result["stopped_because"]
    space = get_space("ofa")
    assert space.cost(space.parse(result["architecture"])).params_m == result["params_m"]
    assert {"config.json", "archive.sqlite"} <= {path.name for path in folder.iterdir()}


def test_the_trace_shows_the_whole_story(images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command("--supernet", "ofa", "--images", images, "--evaluations", 20, capsys=capsys)
    assert code == 0
    for part in ("analyst", "350", "round 1", "Navigator", "Generator", "round 2", "stage 3", "report", "runs/"):
        assert part in out, part
    assert "\x1b" not in out
    (folder,) = Path("runs").iterdir()
    assert "round 2" in (folder / "trace.txt").read_text()


@pytest.mark.parametrize(
    ("name", "shown", "calibration"),
    [
        ("spos", ("330", "[stem k3]", "stage 4"), "average batch statistics, batches of 250"),
        ("autoformer", ("parameters <= 6 M", "no calibration", "MLP ratio", "heads"), "none"),
    ],
)
def test_every_bundled_family_is_searched_and_drawn(
    name: str, shown: tuple[str, ...], calibration: str, images: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = command("--supernet", name, "--images", images, "--evaluations", 6, capsys=capsys)
    assert code == 0
    for part in shown:
        assert part in out, part
    (folder,) = Path("runs").iterdir()
    result = json.loads((folder / "result.json").read_text())
    assert result["protocol"]["calibration"] == calibration
    space = get_space(name)
    assert space.genotype(space.parse(result["architecture"])) == result["architecture"]
    code, out, _ = command("evaluate", "--supernet", name, folder / "result.json", "--images", images, capsys=capsys)
    assert code == 0
    assert f"{result['macs_m']:.2f} M" in out


def test_resuming_a_finished_run_shows_its_result_again(images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = search_events(images, capsys)
    (folder,) = Path("runs").iterdir()
    code, out, _ = command("--resume", folder.name, "--json", capsys=capsys)
    assert code == 0
    again = [json.loads(line) for line in out.splitlines()]
    assert again[-1]["result"] == events[-1]["result"]
    assert not [e for e in again if e["event"] == "evaluated"]


def test_resume_takes_no_other_settings(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command("--resume", "x", "--seed", 3, "--max-macs", 200, capsys=capsys)
    assert code == 2
    assert "leave out --max-macs, --seed" in err


def test_evaluate_shows_every_figure(images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    genotype = get_space("ofa").genotype(get_space("ofa").smallest())
    Path("arch.json").write_text(json.dumps(genotype))
    code, out, _ = command("evaluate", "--supernet", "ofa", "arch.json", "--images", images, "--json", capsys=capsys)
    assert code == 0
    figures = json.loads(out)
    assert figures["macs_m"] == pytest.approx(100.320888)
    assert {"params_m", "paper_macs_m", "search_top1", "search_stderr", "report_top1", "report_stderr"} <= set(figures)
    code, out, _ = command("evaluate", "--supernet", "ofa", "arch.json", "--images", images, capsys=capsys)
    assert code == 0
    assert "100.32 M" in out
    assert "stage 5" in out


def test_doctor_names_keys_and_never_shows_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-planted-and-secret")
    code, out, err = command("doctor", capsys=capsys)
    assert code == 0
    assert "anthropic" in out
    assert "analyst" in out
    assert "planted" not in out + err


def test_training_writes_weights_that_can_be_searched(
    images: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from supernets.families.recipe import Recipe

    monkeypatch.setattr(Recipe, "__init__", _small_batches(Recipe.__init__))
    arguments = ("train", "--supernet", "ofa", "--images", images, "--out", "own.safetensors", "--width", 0.1)
    code, out, _ = command(*arguments, "--sandwich-epochs", 1, "--random-epochs", 1, capsys=capsys)
    assert code == 0
    assert "wrote own.safetensors" in out
    events = search_events(images, capsys, "--weights", "own.safetensors", "--strategy", "random")
    assert events[-1]["result"]["protocol"]["supernet"] == "ofa"
    code, _, err = command(*arguments, "--sandwich-epochs", 2, capsys=capsys)
    assert code == 2
    assert "own.state" in err


def _small_batches(original: Any) -> Any:
    def init(self: Any, *arguments: Any, **options: Any) -> None:
        original(self, *arguments, **{**options, "batch": 16})

    return init


def test_help_is_light() -> None:
    heavy = ("torch", "litellm", "langgraph", "numpy", "networkx", "pydantic", "rich")
    script = f"import sys, main; main.command_line(); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    # typer brings rich for its help pages; nothing heavier may come along.
    assert set(json.loads(done.stdout.replace("'", '"'))) <= {"rich"}


def run_main(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`main.py` in a process of its own, whose working directory is `folder`."""
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", main.PACKAGES)
def test_a_package_of_another_program_is_named_instead_of_imported(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    foreign = tmp_path / name / "__init__.py"
    foreign.write_text("raise SystemExit('imported')")
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import main; sys.path.insert(0, {str(tmp_path)!r}); main.run()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: the package {name!r} of this program is hidden: ")
    assert f"but Python imports {foreign}, which belongs to another program" in done.stderr
    assert "`uv tool install`" in done.stderr


def test_a_package_whose_files_were_replaced_is_named_too(tmp_path: Path) -> None:
    """Two programs that install the same package into one environment share its folder; the last one's files win."""
    replaced = tmp_path / "agents"
    replaced.mkdir()
    (replaced / "__init__.py").write_text('"""Agents of another program."""')
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import main; sys.path.insert(0, {str(tmp_path)!r}); "
    script += f"from pathlib import Path; print(main.foreign_package(Path({str(tmp_path)!r})))"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"Python imports {replaced / '__init__.py'}, which belongs to another program" in done.stdout


def completed(folder: Path, line: str) -> list[str]:
    """What a bash user is offered after typing `line` and a tabulator."""
    words = line.split(" ")
    variables = {"_MAIN.PY_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return run_main(folder, **variables).stdout.split()


def test_a_shell_completes_supernets_strategies_and_runs(tmp_path: Path) -> None:
    for name in ("20260101-ofa-s1", "20260102-spos-s1"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "config.json").write_text("{}")
    assert completed(tmp_path, "main.py --supernet nasb") == ["nasbench201", "nasbench-macro"]
    assert completed(tmp_path, "main.py --strategy evolution-") == ["evolution-spos", "evolution-ofa"]
    assert completed(tmp_path, "main.py --resume 2026") == ["20260102-spos-s1", "20260101-ofa-s1"]
    assert completed(tmp_path, "main.py compare --strategies random,loc") == ["random,local"]


MISTAKES: dict[str, tuple[list[object], str]] = {
    "unknown supernet": (["--supernet", "ofaa"], "unknown supernet 'ofaa': expected one of ofa"),
    "limit below the smallest": (["--supernet", "ofa", "--max-macs", 90], "the smallest has 100.3"),
    "limit above the largest": (["--supernet", "ofa", "--max-macs", 9000], "limits nothing"),
    "no limit at all": (["--supernet", "ofa", "--max-macs", "nan"], "expected a positive number"),
    "model without its key": (["--supernet", "ofa", "--llm", "openai/gpt-4o-mini"], "OPENAI_API_KEY"),
    "unknown strategy": (["--supernet", "ofa", "--strategy", "magic"], "magic"),
    "a model for random search": (["--supernet", "ofa", "--strategy", "random", "--llm", "x"], "uses no model"),
    "single with two models": (
        ["--supernet", "ofa", "--single", "--navigator-llm", "a", "--generator-llm", "b"],
        "single: expected one model in both roles, got a and b",
    ),
    "single that forgets": (
        ["--supernet", "ofa", "--single", "--no-navigator-memory"],
        "leave out --no-navigator-memory and --generator-memory",
    ),
    "agents of random search": (
        ["--supernet", "ofa", "--strategy", "random", "--evidence"],
        "strategy random has no agents, so it cannot have statistics as evidence",
    ),
    "rounds of a strategy that has its own": (
        ["--supernet", "ofa", "--strategy", "surrogate", "--per-round", 64],
        "--per-round: surrogate always proposes 10 candidates per round",
    ),
    "no prompts": (["--supernet", "ofa", "--prompts", "absent"], "expected at least one of generator.md"),
    "nobody to ask": (["--supernet", "ofa", "--interactive"], "--interactive asks a person"),
    "a person in the dark": (["--supernet", "ofa", "--interactive", "--json"], "leave out one"),
    "no evaluations": (["--supernet", "ofa", "--evaluations", 0], "evaluations: expected 1 or more"),
    "no such run": (["--resume", "nowhere"], "no run 'nowhere'"),
    "no bundled weights": (["--supernet", "ofa-proxyless"], "no pocket supernet is bundled"),
    "no weights file": (["--supernet", "ofa", "--weights", "absent.pth"], "found nothing there"),
    "no image folder": (["--supernet", "ofa", "--images", "absent"], "found nothing there"),
    "no such device": (["--supernet", "ofa", "--device", "tpu"], "expected cpu or cuda"),
    "no workers": (["--supernet", "ofa", "--workers", 0], "--workers: expected 1 or more, got 0"),
    "workers for a table": (["--supernet", "nasbench201", "--workers", 2], "leave out --workers or --ray"),
    "workers for a predictor": (
        ["--supernet", "ofa-w1.0", "--score", "predictor", "--ray", "auto"],
        "predicted, not measured: leave out --workers or --ray",
    ),
    "quiet and json": (["--supernet", "ofa", "--quiet", "--json"], "at most one"),
    "a race over a table": (["--supernet", "nasbench201", "--fidelity", "race"], "leave it out"),
    "a race over predictions": (
        ["--supernet", "ofa-w1.0", "--score", "predictor", "--fidelity", "race"],
        "needs scores that are measured",
    ),
    "no such fidelity": (["--supernet", "ofa", "--fidelity", "low"], "fidelity: expected full or race, got low"),
    "an error of no race": (["--supernet", "ofa", "--race-error", 0.05], "--race-error only applies with --fidelity"),
    "no genotype file": (["evaluate", "--supernet", "ofa", "absent.json"], "cannot be read"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_message_and_leaves_nothing(
    mistake: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    arguments, message = MISTAKES[mistake]
    code, out, err = command(*arguments, capsys=capsys)
    assert code == 2
    assert message in err
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert out == ""
    assert not Path("runs").exists()


def test_a_bad_genotype_gets_every_problem_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.json").write_text(json.dumps(BEYOND_BOUNDS))
    code, _, err = command("evaluate", "--supernet", "ofa", "bad.json", capsys=capsys)
    assert code == 2
    for part in (
        "unknown keys width",
        "d[4]: expected one of 2, 3, 4; got 5",
        "ks: expected 20 entries, got 19",
        "e: ",
    ):
        assert part in err


def test_weights_of_another_family_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    weights = pocket_weights("ofa")
    code, _, err = command("--supernet", "ofa-proxyless", "--weights", weights, capsys=capsys)
    assert code == 2
    assert "expected weights of ofa-proxyless, got those of ofa" in err


def test_folders_of_other_classes_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("few/kitten").mkdir(parents=True)
    Image.new("RGB", (32, 32)).save("few/kitten/a.png")
    code, _, err = command("--supernet", "ofa", "--images", "few", capsys=capsys)
    assert code == 2
    assert "the weights' 10 classes are (airplane, automobile, ...)" in err
    assert "got 1 folders, 1 of them with other names (kitten)" in err


def test_a_run_in_use_and_a_run_of_the_future_are_refused(images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from graph.run_folder import RunFolder

    search_events(images, capsys)
    (path,) = Path("runs").iterdir()
    with RunFolder.find(Path("runs"), path.name).lock():
        code, _, err = command("--resume", path, capsys=capsys)
    assert (code, "in use" in err) == (2, True)
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps({**config, "schema": 99}))
    code, _, err = command("--resume", path, capsys=capsys)
    assert (code, "schema 99" in err) == (2, True)
