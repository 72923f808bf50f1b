from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from errors import UserError
from supernets import Architecture, build_supernet, get_space
from supernets.evaluate.calibrate import average_statistics
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.family import Scale
from supernets.images import Images, ImageSet, Splits
from supernets.modules import Supernet
from supernets.preprocessing import Preprocessing

CLASSES = tuple("abcd")


def random_images(count: int, seed: int) -> ImageSet:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    # Classes differ by brightness, so that scores are neither chance nor perfect.
    pixels = rng.integers(0, 120, (count, 32, 32, 3)) + 40 * labels[:, None, None, None]
    digests = np.arange(count, dtype=np.uint64) + np.uint64(seed * 10_000)
    return ImageSet("toy", pixels.astype(np.uint8), labels, digests, CLASSES, f"hash{seed}")


@pytest.fixture(scope="module")
def splits() -> Splits:
    return Splits(random_images(40, 1), random_images(60, 2), random_images(60, 3))


@pytest.fixture(scope="module")
def net() -> Supernet:
    torch.manual_seed(0)
    return build_supernet("ofa", Scale(0.1), len(CLASSES))


def evaluator(net: Supernet, splits: Splits, batch: int = 250) -> SupernetEvaluator:
    return SupernetEvaluator(net, splits, Preprocessing(divisor=4, crop=1.0), batch=batch)


@pytest.fixture(scope="module")
def archs() -> list[Architecture]:
    rng = random.Random(0)
    return [get_space("ofa").sample(rng) for _ in range(4)]


def test_scores_do_not_depend_on_order(net: Supernet, splits: Splits, archs: list[Architecture]) -> None:
    forwards = {e.architecture.id: e.top1 for e in evaluator(net, splits).evaluate(archs)}
    shared = evaluator(net, splits)
    backwards = {e.architecture.id: e.top1 for e in shared.evaluate(archs[::-1])}
    again = {e.architecture.id: e.top1 for e in shared.evaluate(archs)}
    alone = {a.id: next(evaluator(net, splits).evaluate([a])).top1 for a in archs}
    assert forwards == backwards == again == alone
    assert len(set(forwards.values())) > 1


def test_the_supernet_is_left_as_it_was(net: Supernet, splits: Splits, archs: list[Architecture]) -> None:
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    list(evaluator(net, splits).evaluate(archs))
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


def test_a_score_is_the_share_of_hits_after_calibration(
    net: Supernet, splits: Splits, archs: list[Architecture]
) -> None:
    a = archs[0]
    scored = next(evaluator(net, splits).evaluate([a]))
    subnet = net.extract(a)
    side = a["r"] // 4

    def prepared(images: Images) -> Tensor:
        assert isinstance(images, ImageSet)
        x = torch.from_numpy(np.ascontiguousarray(images.pixels)).permute(0, 3, 1, 2).float()
        x = nn.functional.interpolate(x, (side, side), mode="bicubic", antialias=True).round().clamp(0, 255)
        return Preprocessing().normalise(x)

    average_statistics(subnet, [prepared(splits.calibrate)])
    with torch.no_grad():
        hits = (subnet(prepared(splits.search)).argmax(1).numpy() == splits.search.labels).mean()
    assert scored.top1 == pytest.approx(100 * hits, abs=100 / 60 + 1e-6)
    assert scored.stderr == pytest.approx(100 * (hits * (1 - hits) / 60) ** 0.5, abs=0.5)
    assert scored.images == 60


def test_report_uses_other_images_than_search(net: Supernet, splits: Splits, archs: list[Architecture]) -> None:
    on_search = evaluator(net, splits)
    on_report = evaluator(net, Splits(splits.calibrate, splits.report, splits.search))
    assert [on_search.report(a).top1 for a in archs] == [e.top1 for e in on_report.evaluate(archs)]


def test_the_protocol_names_what_decides_a_score(net: Supernet, splits: Splits) -> None:
    protocol = evaluator(net, splits).protocol
    assert protocol.id == evaluator(net, splits).protocol.id
    assert protocol.resolution == "r / 4"
    assert protocol.search_images == 60
    other_images = evaluator(net, Splits(splits.calibrate, splits.report, splits.search)).protocol
    assert other_images.id != protocol.id
    torch.manual_seed(1)
    other_weights = evaluator(build_supernet("ofa", Scale(0.1), 4), splits).protocol
    assert other_weights.id != protocol.id
    with pytest.raises(UserError, match=r"weights: .* there, .* here"):
        protocol.require_same(other_weights.to_dict())


def test_running_out_of_memory_halves_the_batch_and_changes_no_score(
    net: Supernet, splits: Splits, archs: list[Architecture], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [e.top1 for e in evaluator(net, splits, batch=16).evaluate(archs[:2])]
    sizes: list[int] = []
    _limit_batch(monkeypatch, 16, sizes)
    starved = evaluator(net, splits, batch=60)
    assert [e.top1 for e in starved.evaluate(archs[:2])] == expected
    assert sizes.count(60) == 1
    assert sizes.count(30) == 1


def test_memory_for_less_than_one_image_is_a_clear_error(
    net: Supernet, splits: Splits, archs: list[Architecture], monkeypatch: pytest.MonkeyPatch
) -> None:
    _limit_batch(monkeypatch, 0, [])
    with pytest.raises(UserError, match="out of memory"):
        next(evaluator(net, splits, batch=4).evaluate(archs[:1]))


def _limit_batch(monkeypatch: pytest.MonkeyPatch, limit: int, sizes: list[int]) -> None:
    """Make scoring more than `limit` images at once run out of memory, as a small GPU would."""
    from supernets.evaluate import inputs

    original = inputs.Inputs.batches

    def batches(
        self: inputs.Inputs, resolution: int, batch: int, count: int | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        for x, labels in original(self, resolution, batch, count):
            if count is None:
                sizes.append(len(x))
                if len(x) > limit:
                    raise torch.OutOfMemoryError("CUDA out of memory")
            yield x, labels

    monkeypatch.setattr(inputs.Inputs, "batches", batches)
