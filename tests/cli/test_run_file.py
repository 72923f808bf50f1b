"""Searches whose options come from a file, and what a file may not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.config import Config
from tests.command_line import command
from tests.paths import ROOT

SEARCH = """
supernet: nasbench201
dataset: cifar100
strategy: random
evaluations: 12
per-round: 6
limits: {params_m: 0.8}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLM_LLM", raising=False)


def config_of(*arguments: object, capsys: pytest.CaptureFixture[str]) -> Config:
    """The configuration of the run that a command makes."""
    before = set(Path("runs").glob("*"))
    code, _, err = command(*arguments, "--quiet", capsys=capsys)
    assert (code, err) == (0, "")
    (made,) = set(Path("runs").glob("*")) - before
    return Config.from_json((made / "config.json").read_text(), "config.json")


def test_a_file_takes_options_and_the_command_line_goes_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.yaml").write_text(SEARCH)
    config = config_of("--config", "run.yaml", "--evaluations", 9, "--max-macs", 200, capsys=capsys)
    assert (config.supernet, config.dataset, config.strategy) == ("nasbench201", "cifar100", "random")
    assert (config.evaluations, config.per_round) == (9, 6)
    assert config.limits == {"params_m": 0.8, "macs_m": 200.0}


def test_numbers_are_decimal_with_or_without_an_exponent(capsys: pytest.CaptureFixture[str]) -> None:
    text = "supernet: nasbench201\nstrategy: random\nevaluations: 010\nmax_macs: 2e2\nlimits:\nmodels:\n"
    Path("run.yaml").write_text(text, encoding="utf-8-sig")
    config = config_of("--config", "run.yaml", capsys=capsys)
    assert (config.evaluations, config.limits) == (10, {"macs_m": 200.0})


def test_the_trace_names_the_file_where_it_chose_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.yaml").write_text(SEARCH)
    _, out, _ = command("--config", "run.yaml", "--seed", 3, capsys=capsys)
    lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert "from run.yaml" in lines["budget"]
    assert "as asked" in lines["seed"]


def test_the_configuration_of_a_run_is_a_file_of_its_own_kind(capsys: pytest.CaptureFixture[str]) -> None:
    first = config_of(
        "--supernet", "nasbench201", "--dataset", "cifar100", "--evaluations", 12, "--max-params", 0.8, "--disguise",
        "--no-navigator-memory", "--max-latency-ms", 9, "--latency-device", "pixel3", "--target", 80, capsys=capsys,
    )  # fmt: skip
    (run,) = Path("runs").iterdir()
    assert config_of("--config", run / "config.json", capsys=capsys) == first
    changed = config_of("--config", run / "config.json", "--seed", 7, "--no-disguise", capsys=capsys)
    assert changed == first.changed(seed=7, disguise=False)


@pytest.mark.parametrize(
    "options", [("--max-params", "0.4,0.8"), ("--objective", "latency", "--latency-device", "pixel3")]
)
def test_a_run_with_several_limits_is_a_file_too(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    first = config_of("--supernet", "nasbench201", "--evaluations", 8, *options, capsys=capsys)
    (run,) = Path("runs").iterdir()
    assert first.has_turns
    assert config_of("--config", run / "config.json", capsys=capsys) == first


def test_a_list_of_limits_in_a_file_is_a_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.yaml").write_text("supernet: nasbench201\nstrategy: random\nevaluations: 4\nmax_params: [0.8, 0.4]\n")
    assert config_of("--config", "run.yaml", capsys=capsys).sweep == {"params_m": [0.4, 0.8]}


def test_the_models_of_a_file_are_left_out_where_the_command_line_names_a_strategy_without(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("run.yaml").write_text("supernet: nasbench201\nevaluations: 6\nmodels: {navigator: analyst}\n")
    assert config_of("--config", "run.yaml", "--strategy", "random", capsys=capsys).models == {}


def test_a_file_with_models_only_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    Path("models.yaml").write_text("models: {navigator: {name: analyst}, generator: scripted:a.json}\n")
    code, _, err = command("--supernet", "nasbench201", "--config", "models.yaml", capsys=capsys)
    assert code == 2
    assert "a.json" in err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "seeed: 3",
            "run.yaml: unknown key 'seeed' (did you mean seed?): expected one of analyst_share, api_base, cache, ",
        ),
        ("resume: last", "run.yaml: unknown key 'resume'"),
        ("config: other.yaml", "run.yaml: unknown key 'config'"),
        ("evaluations: many", "run.yaml: evaluations: expected a valid integer, got 'many'"),
        ("evaluations: 2.5", "run.yaml: evaluations: expected a valid integer, got 2.5"),
        ("seed: true", "run.yaml: seed: expected a valid integer, got True"),
        ("seed: [1, 2]", "run.yaml: seed: expected a valid integer, got [1, 2]"),
        ("limits: {macs: 3}", "run.yaml: limits: unknown cost 'macs' (did you mean macs_m?): expected one of macs_m"),
        (
            "limits: {macs_m: [200, x]}",
            "run.yaml: limits: macs_m: expected a number, or a list of numbers; got [",
        ),
        ("max_macs: true", "run.yaml: max_macs: expected a number, or a list of numbers; got True"),
        ("limits: 3", "run.yaml: limits: expected cost columns, each with a number; got int"),
        ("{limits: {macs_m: 3}, max_macs: 4}", "run.yaml: max_macs and its limit in the section limits: expected one"),
        ("models: {judge: x}", "run.yaml: models: unknown key judge; expected navigator, generator"),
        ("{supernet: ofa, strategy: random, models: {navigator: x}}", "leave out the section models of run.yaml"),
        ("seed: 3\nseed: 4", "the key seed twice"),
        ("per-round: 3\nper_round: 4", "run.yaml: a key is given twice, once with - and once with _"),
        ("evaluations: '8'", "run.yaml: evaluations: expected a valid integer, got '8'"),
        ("seed: 1:20", "run.yaml: seed: expected a valid integer, got '1:20'"),
        ("limits: 0", "run.yaml: limits: expected cost columns, each with a number; got int"),
        ("models: 0", "run.yaml: models: expected navigator, generator, each with a value; got int"),
        ('{"schema": 2, "supernet": "ofa", "models": [1]}', "run.yaml: models: expected the settings of each role's"),
        ('{"schema": 2, "supernet": "ofa", "models": {"navigator": {"x": 1}}}', "run.yaml: models: expected the"),
        ("- a", "run.yaml: expected options, each with a value; got list"),
        ("a: {", "cannot read the configuration in run.yaml"),
        ('{"schema": 2, "supernet": "ofa", "sed": 1}', "run.yaml: unknown setting 'sed' (did you mean seed?)"),
        ("{supernet: ofa, quiet: true, json: true}", "--quiet and --json: expected at most one of them"),
        ("evaluations: 0\nsupernet: ofa", "evaluations: expected 1 or more, got 0"),
    ],
)
def test_a_mistake_in_a_file_gets_one_message(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.yaml").write_text(text)
    code, out, err = command("--config", "run.yaml", capsys=capsys)
    assert (code, out) == (2, "")
    assert message in err
    assert not Path("runs").exists()


def test_a_continued_run_takes_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.yaml").write_text("seed: 3")
    code, _, err = command("--resume", "x", "--config", "run.yaml", capsys=capsys)
    assert code == 2
    assert err.rstrip().endswith("leave out --config")


def test_every_option_can_stand_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """The message for an unknown key lists all options of `--help` but those of the command line itself."""
    Path("run.yaml").write_text("no_option: 1")
    _, _, err = command("--config", "run.yaml", capsys=capsys)
    listed = set(err.split("expected one of ")[1].strip().split(", "))
    settings = set(Config.model_fields) - {"limits", "models", "sweep"}
    assert settings | {"limits", "models", "max_macs", "llm", "workers", "ray", "cache", "json", "quiet"} <= listed
    assert not listed & {"config", "resume", "help"}


def test_the_example_of_the_docs_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    Path("run.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
    code, _, err = command("--config", "run.yaml", capsys=capsys)
    # All keys were read: the first thing that is missing is the key of the Navigator's provider.
    assert (code, "OPENAI_API_KEY" in err) == (2, True)
