"""One architecture, scored and shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from supernets.families.registry import get_space
from tests.command_line import command

BEYOND_BOUNDS = {"r": 208, "d": [3, 3, 3, 3, 5], "ks": [3] * 19, "e": "no", "width": 1}


pytestmark = pytest.mark.usefixtures("own_place")


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


def test_a_file_that_is_no_genotype_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = command("evaluate", "--supernet", "ofa", "absent.json", capsys=capsys)
    assert (code, "absent.json: cannot be read" in err) == (2, True)
    Path("text.json").write_text("a: b")
    code, _, err = command("evaluate", "--supernet", "ofa", "text.json", capsys=capsys)
    assert (code, "text.json: not an architecture of this space: unknown keys a" in err) == (2, True)


def test_a_run_is_scored_in_its_own_setting(capsys: pytest.CaptureFixture[str]) -> None:
    search = ("--supernet", "nasbench201", "--dataset", "cifar100", "--evaluations", 20, "--strategy", "random")
    assert command(*search, "--quiet", capsys=capsys)[0] == 0
    (run,) = Path("runs").iterdir()
    found = json.loads((run / "result.json").read_text())
    for named in (run, run / "result.json", run.name):
        code, out, err = command("evaluate", named, "--json", capsys=capsys)
        assert code == 0, err
        scored = json.loads(out)
        assert scored["protocol"] == found["protocol"]["id"]
        assert scored["report_top1"] == found["report_top1"]
    assert "that of the run" in command("evaluate", run, capsys=capsys)[1]
    other = json.loads(command("evaluate", run, "--dataset", "cifar10", "--json", capsys=capsys)[1])
    assert other["architecture"] == found["architecture"]
    assert other["protocol"] != found["protocol"]["id"]
    assert "expected nasbench201" in command("evaluate", run, "--supernet", "spos", capsys=capsys)[2]
    (run / "result.json").unlink()
    code, _, err = command("evaluate", run, capsys=capsys)
    assert (code, "has no result yet; continue it" in err) == (2, True)


def test_without_a_run_a_supernet_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("arch.json").write_text("[0]")
    code, _, err = command("evaluate", "arch.json", capsys=capsys)
    assert (code, "expected --supernet NAME" in err) == (2, True)
    code, _, err = command("evaluate", "absent.json", capsys=capsys)
    assert code == 2


@pytest.mark.parametrize("harm", ["page", "cut", "deeper", "other kind", "loose"])
def test_what_is_left_out_is_told_in_json_too(harm: str, images: Path, capsys: pytest.CaptureFixture[str]) -> None:
    genotype = get_space("ofa").genotype(get_space("ofa").smallest())
    Path("arch.json").write_text(json.dumps(genotype))
    shutil.copytree(images, "pictures")
    victim = sorted(Path("pictures").glob("*/*"))[0]
    match harm:
        case "page":
            victim.write_text("<html>")
        case "cut":
            victim.write_bytes(victim.read_bytes()[:-80])
        case "deeper":
            (victim.parent / "more").mkdir()
            victim.rename(victim.parent / "more" / victim.name)
        case "other kind":
            victim.rename(victim.with_suffix(".gif"))
        case _:
            victim.rename(Path("pictures") / victim.name)
    arguments = ("evaluate", "--supernet", "ofa", "arch.json", "--images", "pictures", "--json")
    code, out, _ = command(*arguments, capsys=capsys)
    assert code == 0
    assert any("left out" in note or "not used" in note for note in json.loads(out)["notes"])
