"""Names in a configuration become objects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agents.models.settings import ModelSettings
from common.errors import UserError
from graph.config import Config
from graph.opening import open_evaluator, open_models, open_space, open_supernet
from supernets.evaluate.protocol import ProtocolMismatch, SupernetProtocol

TABLE = Config(supernet="nasbench201", dataset="cifar100", latency_device="pixel3")

pytestmark = pytest.mark.usefixtures("own_place")


def test_a_configuration_opens_its_space_its_evaluator_and_its_models() -> None:
    space = open_space(TABLE)
    assert space.latency is not None
    assert space.latency.device == "pixel3"
    evaluator = open_evaluator(TABLE).evaluator
    (score,) = evaluator.evaluate([space.smallest()])
    assert score.protocol == evaluator.protocol.id
    settings = ModelSettings.named("analyst, analyst")
    models = open_models(TABLE.changed(models={"navigator": settings}))
    assert [len(each) for each in models.values()] == [2]


def test_a_race_is_refused_where_nothing_is_measured() -> None:
    with pytest.raises(UserError, match="leave it out"):
        open_evaluator(TABLE.changed(fidelity="race"))


def test_the_supernet_of_a_run_may_be_on_another_device_but_not_have_other_images(images: Path) -> None:
    config = Config(supernet="spos", images=str(images), device="cuda")
    recorded = open_evaluator(config.changed(device="cpu")).evaluator.protocol
    assert isinstance(recorded, SupernetProtocol)
    evaluator, _ = open_supernet(config, replace(recorded, device="cuda", dtype="float16"), "cpu")
    assert evaluator.protocol == recorded
    with pytest.raises(ProtocolMismatch, match="image_hashes: other images of report there"):
        open_supernet(config, replace(recorded, image_hashes=(*recorded.image_hashes[:2], "0" * 64)), "cpu")
