"""Searches as a user starts and continues them: on a small image folder with the bundled weights, and on tables."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
import typer.main
from PIL import Image

import main
from cli.terminal.json_lines import rounded
from graph.config import Config
from supernets.evaluate import race
from supernets.families.registry import get_space
from supernets.load import pocket_weights
from tests.command_line import command, search_events, without_times

PREDICTED = ("--supernet", "ofa-w1.0", "--score", "predictor", "--evaluations", 20)
TABLE = ("--supernet", "nasbench201", "--dataset", "cifar100", "--evaluations", 20)


pytestmark = pytest.mark.usefixtures("own_place")


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
    assert rounded(result) == events[-1]["result"]
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


MISTAKES: dict[str, tuple[list[object], str]] = {
    "unknown supernet": (["--supernet", "ofaa"], "unknown supernet 'ofaa' (did you mean ofa?): expected one of ofa"),
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
        "--strategy random uses no language model; leave out the options for statistics as evidence",
    ),
    "rounds of a strategy that has its own": (
        ["--supernet", "ofa", "--strategy", "surrogate", "--per-round", 64],
        "--per-round: surrogate always proposes 10 candidates per round",
    ),
    "no prompts": (["--supernet", "ofa", "--prompts", "absent"], "prompts: expected at least one of"),
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
    "no such fidelity": (["--supernet", "ofa", "--fidelity", "low"], "fidelity: expected full or race, got 'low'"),
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


def test_a_search_under_neutral_names_reports_its_results_in_true_ones(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*TABLE, "--disguise", "--json", capsys=capsys)
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    space = get_space("nasbench201", "cifar100")
    proposed = [genotype for e in events if e["event"] == "proposals_made" for genotype in e["genotypes"]]
    assert len({space.parse(genotype) for genotype in proposed}) == 20
    assert "x[0]" in next(e["text"] for e in events if e["event"] == "strategy_written" and e["round"] == 2)
    assert events[-1]["result"]["architecture"]["cell"].startswith("|")
    assert events[-1]["result"]["report_top1"] > 60


def test_the_trace_shows_the_cell_and_says_where_scores_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*TABLE, "--strategy", "random", capsys=capsys)
    assert code == 0
    for part in ("cifar100, 200 epochs", "Dong and Yang", "cell  in  ", "[reduce]", "|+|"):
        assert part in out, part
    assert "sk " in out.split("result")[0]


def test_rounds_are_as_large_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*TABLE, "--strategy", "random", "--per-round", 12, capsys=capsys)
    assert code == 0
    for part in ("of 12 proposals", "round 1: 12 asked", "round 2: 8 asked"):
        assert part in out, part


def test_a_limit_on_latency_goes_from_the_option_to_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    limit = ("--max-latency-ms", 5, "--latency-device", "pixel3")
    code, out, _ = command(*TABLE, *limit, "--json", capsys=capsys)
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    verdicts = [e for e in events if e["event"] == "verdict" and e["latency_ms"] is not None]
    assert {e["verdict"] for e in verdicts if e["latency_ms"] > 5} <= {"over limit"}
    assert events[-1]["result"]["latency_ms"] <= 5
    assert events[-1]["result"]["latency_device"] == "pixel3"
    code, out, _ = command(*TABLE, "--strategy", "random", *limit, capsys=capsys)
    for part in ("latency <= 5 ms", "looked up, as Lee et al.", " ms on pixel3"):
        assert part in out, part


def test_a_limit_on_memory_goes_from_the_option_to_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*PREDICTED, "--max-memory-mb", 1.1, "--json", capsys=capsys)
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    verdicts = [e for e in events if e["event"] == "verdict"]
    assert {e["verdict"] for e in verdicts if e["memory_mb"] > 1.1} <= {"over limit"}
    assert {e["memory_mb"] for e in events if e["event"] == "evaluated"} <= {0.802816, 0.978432, 1.00352}
    result = events[-1]["result"]
    assert result["memory_mb"] <= 1.1

    (run,) = Path("runs").iterdir()
    connection = sqlite3.connect(run / "archive.sqlite")
    recorded = connection.execute("SELECT memory_mb FROM proposals ORDER BY round, idx").fetchall()
    prompts = "".join(text for (text,) in connection.execute("SELECT content FROM messages"))
    connection.close()
    assert [memory for (memory,) in recorded] == [e["memory_mb"] for e in verdicts]
    assert "| memory_mb |" in prompts
    assert "`memory_mb` is peak activation memory" in prompts

    code, out, _ = command("evaluate", run / "result.json", "--supernet", "ofa-w1.0-predicted", capsys=capsys)
    assert code == 0
    assert f"peak memory {result['memory_mb']:.3f} MB" in " ".join(out.split())


def test_the_trace_has_a_column_for_memory_where_it_is_limited(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(*PREDICTED, "--max-memory-mb", 1.1, "--strategy", "random", capsys=capsys)
    assert code == 0
    for part in ("M params  MB memory", "peak memory <= 1.1 MB", "MB peak memory"):
        assert part in out, part
    code, out, _ = command(*PREDICTED, "--strategy", "random", capsys=capsys)
    assert code == 0
    assert "MB memory" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--supernet", "nasbench201", "--dataset", "cifar20"), "nasbench201 has cifar10, cifar100, imagenet16-120"),
        (("--supernet", "ofa", "--dataset", "cifar10"), "ofa has no data sets of its own"),
        (("--supernet", "nasbench201", "--device", "cpu"), "--device: nasbench201 scores without running networks"),
        ((*TABLE, "--strategy", "random", "--disguise"), "--strategy random uses none"),
        ((*TABLE, "--max-latency-ms", 5), "expected a device; add --latency-device NAME"),
        ((*TABLE, "--max-latency-ms", 5, "--latency-device", "abacus"), "was measured on 1080ti_1, 1080ti_256, "),
        ((*TABLE, "--max-latency-ms", 0.001, "--latency-device", "raspi4"), "the smallest has 0.01; choose a limit"),
    ],
)
def test_mistakes_with_tables_are_reported(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = command(*arguments, capsys=capsys)
    assert code == 2
    assert message in err


def test_defaults_of_options_and_of_the_configuration_are_the_same() -> None:
    parameters = {each.name: each for each in typer.main.get_command(main.command_line()).params}
    shared = parameters.keys() & Config.model_fields.keys() - {"supernet"}
    assert len(shared) > 20
    for name in shared:
        assert parameters[name].default == Config.model_fields[name].default, name
    assert Config.model_fields["race_error"].default == race.ERROR


def test_a_run_whose_weights_and_images_moved_is_told_where(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(pocket_weights("ofa"), "w.safetensors")
    code, _, _ = command(
        "--supernet", "ofa", "--images", images, "--weights", "w.safetensors", "--evaluations", 2, "--strategy",
        "random", "--quiet", capsys=capsys,
    )  # fmt: skip
    assert code == 0
    (run,) = Path("runs").iterdir()
    Path("moved").mkdir()
    shutil.move("w.safetensors", "moved/w.safetensors")
    code, _, err = command("--resume", run.name, "--quiet", capsys=capsys)
    assert (code, f"--resume {run.name} --weights PATH" in err) == (2, True)
    code, _, err = command("--resume", run.name, "--weights", pocket_weights("spos"), "--quiet", capsys=capsys)
    assert (code, "expected weights of ofa" in err) == (2, True)
    code, _, err = command("--resume", run.name, "--predictor", "w", "--quiet", capsys=capsys)
    assert (code, "was started without it" in err) == (2, True)
    few = tmp_path / "few"
    for folder in sorted(images.iterdir()):
        shutil.copytree(folder, few / folder.name, ignore=lambda where, names: sorted(names)[:2])
    moved = ("--resume", run.name, "--weights", "moved/w.safetensors")
    code, _, err = command(*moved, "--images", few, "--quiet", capsys=capsys)
    assert (code, "image_hashes: other images of" in err) == (2, True)
    shutil.copytree(images, "pictures")
    code, _, err = command(*moved, "--images", "pictures", "--quiet", capsys=capsys)
    assert code == 0, err
    config = json.loads((run / "config.json").read_text())
    assert config["weights"] == str(Path("moved/w.safetensors").resolve())
    assert config["images"] == str(Path("pictures").resolve())
    assert command("--resume", run.name, "--quiet", capsys=capsys)[0] == 0


@pytest.mark.parametrize(("target", "meant"), [(0.9, "90"), (1, "100"), (0.755, "75.5")])
def test_a_target_that_looks_like_a_share_is_asked_about(
    target: float, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = command("--supernet", "nasbench201", "--target", target, capsys=capsys)
    assert (code, f"write --target {meant}" in err) == (2, True)
    assert not Path("runs").exists()
