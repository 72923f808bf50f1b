"""The model card: figures, and texts of any origin that must stay texts."""

from __future__ import annotations

import re
from dataclasses import replace

from supernets.evaluate.evaluator import Evaluation
from supernets.export.model_card import CheckedFile, Provenance, escape, model_card
from supernets.export.sub_network import extract_sub_network
from supernets.families.registry import supernet_family
from tests.supernets.export.toy import toy_evaluator, toy_provenance

HOSTILE = "![x](http://evil/) <img src=x> | # heading\n# another\n```\n[link](javascript:x) \x1b[31m\u202e"


def card(provenance: Provenance, hits: int | None = None) -> str:
    evaluator = toy_evaluator("spos")
    report = provenance.scores["report"]
    network = extract_sub_network(supernet_family("spos"), evaluator, report.architecture)
    right = round(report.top1 * report.images / 100) if hits is None else hits
    return model_card(network, provenance, [CheckedFile("model.py", "PyTorch", right, report.images, 3)])


def provenance() -> Provenance:
    return toy_provenance(toy_evaluator("spos"))


def test_it_has_the_scores_with_errors_the_costs_and_the_protocol() -> None:
    given = provenance()
    text = card(given)
    report = given.scores["report"]
    assert f"| report | {report.top1:.2f} ± {report.stderr:.2f} %" in text
    assert f"Protocol `{given.protocol.id}`" in text
    assert f"| MACs | {given.cost.macs_m:.2f} M |" in text
    assert given.protocol.weights in text
    assert "the change to BGR is inside" in text


def test_what_others_wrote_cannot_be_markup() -> None:
    hostile = replace(provenance(), settings=[("model", HOSTILE)], guidance=HOSTILE, notes=[HOSTILE])
    text = card(hostile)
    outside = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "http" in outside
    for markup in (r"(?<!\\)!\[", r"(?<!\\)\]\(", r"(?<!\\)<img", r"\n# another", "\x1b", "\u202e"):
        assert not re.search(markup, outside), markup
    assert "\x1b" not in text
    # The table keeps its columns.
    row = next(line for line in text.splitlines() if line.startswith("| model | "))
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


def test_escaped_text_is_one_line() -> None:
    assert escape("a\n# b *c*") == r"a \# b \*c\*"


def test_a_difference_from_a_score_in_half_precision_is_stated() -> None:
    given = provenance()
    a = given.scores["report"].architecture
    scores = {"report": Evaluation(a, 50.0, 1.0, 60, 0.0, "p")}
    half = replace(given, scores=scores, protocol=replace(given.protocol, dtype="bfloat16"))
    text = card(half, hits=32)
    assert "They differ from the recorded 30 by at most 2 images" in text
    assert "bfloat16 on cpu: on 3 images two classes are closer" in text
    assert "They differ" not in card(half, hits=30)
