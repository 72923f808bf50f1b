"""Sub-networks of small, untrained supernets on random images, for tests of exports."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import torch

from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.export.export import Export, ExportFormats, export_sub_network
from supernets.export.model_card import Provenance
from supernets.families.registry import build_supernet, supernet_family
from tests.supernets.evaluate.toy import CLASSES, random_splits


def toy_evaluator(name: str) -> SupernetEvaluator:
    """Scores in float32 at the scale of the bundled supernets."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    family = supernet_family(name)
    return SupernetEvaluator(
        build_supernet(name, family.pocket, len(CLASSES)),
        random_splits(),
        preprocessing=replace(family.preprocessing, divisor=family.pocket.divisor, crop=1.0),
        calibration=family.calibration(family.pocket.divisor),
        precision=torch.float32,
    )


def toy_provenance(evaluator: SupernetEvaluator, seed: int = 0) -> Provenance:
    """A random sub-network with its score on the report images."""
    space = evaluator.net.space
    a = space.sample(random.Random(seed))
    return Provenance(space.genotype(a), space.cost(a), {"report": evaluator.report(a)}, evaluator.protocol)


def toy_export(
    evaluator: SupernetEvaluator,
    out: Path,
    formats: ExportFormats | None = None,
    provenance: Provenance | None = None,
) -> Export:
    """Export `provenance`, or a random sub-network."""
    family = supernet_family(evaluator.protocol.supernet)
    formats, provenance = formats or ExportFormats(), provenance or toy_provenance(evaluator)
    return export_sub_network(family, evaluator, provenance, out, formats)
