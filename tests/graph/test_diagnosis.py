"""A search that finds nothing new ends with the reason, in figures."""

from __future__ import annotations

from pathlib import Path

from graph.events import Verdict
from tests.graph.fakes import (
    SPACE,
    config,
    genotypes,
    random_config,
)
from tests.graph.test_search import ended, run, script_of


def test_a_limit_that_nothing_meets_ends_with_how_close_it_came(tmp_path: Path) -> None:
    low = SPACE.cost(SPACE.smallest()).macs_m + 1
    _, events = run(tmp_path, random_config(limits={"macs_m": low}))
    end = ended(events)
    costs = [event.candidate.cost for event in events if isinstance(event, Verdict)]
    misses = [cost.macs_m - low for cost in costs if cost]
    assert end.result is None
    assert end.stopped_because == "no new legal candidate in 3 rounds"
    assert end.diagnosis == (
        f"3 proposals: 3 over the limit; the closest misses macs_m <= {low:g} by {min(misses):.3g} M."
    )


def test_garbage_for_ever_ends_with_its_count_and_the_last_error(tmp_path: Path) -> None:
    folder, events = run(tmp_path, config(), script_of("I would rather talk about the weather."))
    end = ended(events)
    assert end.result is None
    assert not folder.result.exists()
    assert end.diagnosis.startswith("6 proposals in 6 answers: 6 illegal; the last error: no JSON list")


def test_duplicates_for_ever_end_the_search_with_its_best(tmp_path: Path) -> None:
    _, events = run(tmp_path, config(), script_of({"architectures": genotypes("again", 3, under=500)}))
    end = ended(events)
    assert end.result is not None
    assert end.result["evaluations"] == 3
    assert end.diagnosis.startswith("9 proposals in ")
    assert "9 duplicates" in end.diagnosis
