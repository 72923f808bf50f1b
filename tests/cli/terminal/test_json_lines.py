"""Events for programs: one object a line."""

from __future__ import annotations

import io
import json
import os
from dataclasses import fields

import pytest

from cli.terminal.json_lines import JsonLines, rounded
from graph.events import Evaluated, Verdict
from tests.graph import plays

NAMES = {"model_name": "speaker", "settings_shown": "facts"}


def test_one_object_a_line_with_the_fields_of_the_event() -> None:
    page = io.StringIO()
    sink = JsonLines(page)
    for event in plays.RUN:
        sink(event)
    objects = [json.loads(line) for line in page.getvalue().splitlines()]
    for event, shown in zip(plays.RUN, objects, strict=True):
        if not isinstance(event, Verdict | Evaluated):
            assert list(shown) == ["event", *(NAMES.get(field.name, field.name) for field in fields(event))]
    assert objects[0]["event"] == "run_started"
    assert [each["event"] for each in objects[3:11]] == [*["verdict"] * 6, "evaluated", "evaluated"]
    judged = {"round", "index", "id", "genotype", "macs_m", "params_m", "paper_macs_m", "latency_ms", "memory_mb"}
    assert objects[3].keys() == {"event", *judged, "verdict", "reason"}
    assert (objects[5]["genotype"], objects[5]["id"], objects[5]["macs_m"]) == (plays.GENOTYPES[2], None, None)
    assert objects[8]["genotype"] is None
    run = {"best_top1", "is_best", "stopped", "evaluations", "budget", "elapsed", "remaining"}
    assert objects[9].keys() == {"event", *judged, *run, "top1", "stderr", "images", "seconds"}
    assert (objects[9]["genotype"], objects[9]["macs_m"], objects[9]["top1"]) == (plays.GENOTYPES[0], 345.24, 74.312)
    assert objects[-3]["ledger"]["cost_usd"] == 0.0


def test_each_line_is_flushed_and_any_encoding_will_do() -> None:
    raw = io.BytesIO()
    sink = JsonLines(io.TextIOWrapper(raw, encoding="ascii"))
    sink(plays.PLANNED)
    assert json.loads(raw.getvalue())["text"] == plays.STRATEGY


def test_a_reader_that_left_ends_the_program_quietly() -> None:
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w")
    os.close(reading)
    with pytest.raises(SystemExit) as stopped:
        JsonLines(stream)(plays.STARTED)
    assert stopped.value.code == 1
    stream.close()


def test_figures_have_no_digits_of_binary_fractions() -> None:
    given = {"top1": 87.32130000000001, "costs": [0.1 + 0.2, 3], "seconds": 1e-7, "name": "1.00000000001", "none": None}
    assert rounded(given) == {
        "top1": 87.3213, "costs": [0.3, 3], "seconds": 0.0, "name": "1.00000000001", "none": None
    }  # fmt: skip
