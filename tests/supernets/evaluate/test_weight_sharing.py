from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from common.errors import UserError
from supernets.evaluate.evaluator import Evaluation, OutOfMemory
from supernets.evaluate.prefix_tree import PrefixTree
from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.families.recipe import Scale
from supernets.families.registry import build_supernet, get_space
from supernets.images.image_sets import Images, ImageSet, Indices, Splits
from supernets.images.preprocessing import Preprocessing
from supernets.network.supernet import Supernet
from supernets.space.architecture import Architecture
from tests.supernets.evaluate.calibrated import calibrate
from tests.supernets.evaluate.plain import PlainEvaluator
from tests.supernets.evaluate.toy import CLASSES, SCALES, generation, network, prepared, random_splits


@pytest.fixture(scope="module")
def splits() -> Splits:
    return random_splits()


@pytest.fixture(scope="module")
def net() -> Supernet:
    torch.manual_seed(0)
    return build_supernet("ofa", Scale(0.1), len(CLASSES))


def evaluator(net: Supernet, splits: Splits, batch: int = 250, group: int = 8) -> SupernetEvaluator:
    return SupernetEvaluator(net, splits, **prepared(net.space.name), batch=batch, precision=torch.float32, group=group)


@pytest.fixture(scope="module")
def archs() -> list[Architecture]:
    rng = random.Random(0)
    return [get_space("ofa").sample(rng) for _ in range(4)]


@pytest.mark.parametrize("name", SCALES)
def test_candidates_that_share_activations_score_as_each_does_alone(name: str, splits: Splits) -> None:
    net = network(name)
    plain = PlainEvaluator(net, splits, **prepared(name), precision=torch.float32)
    archs = [*generation(net, 6), *generation(net, 2, seed=1)]
    expected = [_hits(e) for e in plain.evaluate(archs)]
    for group in (3, 8):
        hits = [_hits(e) for e in evaluator(net, splits, group=group).evaluate(archs)]
        assert max(abs(a - b) for a, b in zip(hits, expected, strict=True)) <= 1
    assert abs(_hits(evaluator(net, splits).report(archs[0])) - _hits(plain.report(archs[0]))) <= 1
    assert evaluator(net, splits).protocol == plain.protocol


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_batches_side_by_side_score_as_one_by_one(
    net: Supernet, splits: Splits, archs: list[Architecture], precision: torch.dtype
) -> None:
    found = []
    for threads in (1, 2):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        made = SupernetEvaluator(net, splits, **prepared("ofa"), batch=7, precision=precision)
        torch.set_num_threads(before)
        complete = [e.hits for e in made.racing((), 0.4).evaluate(archs[:2]) if e.hits]
        raced = made.racing(complete, 0.4).evaluate(archs)
        scores = [(e.top1, e.images) for e in (*made.evaluate(archs), *raced, made.report(archs[0]))]
        found.append(scores)
    assert found[0] == found[1]


def _hits(evaluation: Evaluation) -> int:
    return round(evaluation.top1 * evaluation.images / 100)


@pytest.mark.parametrize("name", SCALES)
def test_half_the_precision_scores_nearly_the_same_under_a_protocol_of_its_own(name: str, splits: Splits) -> None:
    net = network(name)
    archs = generation(net, 3)
    fast = SupernetEvaluator(net, splits, **prepared(name), precision=torch.bfloat16)
    exact = evaluator(net, splits)
    assert fast.protocol.dtype == "bfloat16"
    assert fast.protocol.id != exact.protocol.id
    pairs = zip(fast.evaluate(archs), exact.evaluate(archs), strict=True)
    assert max(abs(_hits(one) - _hits(other)) for one, other in pairs) <= 12


def test_a_group_is_scored_when_its_first_candidate_is_asked_for_and_shares_its_time(
    net: Supernet, splits: Splits, archs: list[Architecture]
) -> None:
    scores = evaluator(net, splits, group=2).evaluate(archs)
    first, second, third = next(scores), next(scores), next(scores)
    assert first.seconds == second.seconds != third.seconds
    scores_of_nothing = evaluator(net, splits).evaluate([])
    assert list(scores_of_nothing) == []


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

    calibrate(subnet, [prepared(splits.calibrate)])
    with torch.no_grad():
        hits = (subnet(prepared(splits.search)).argmax(1).numpy() == splits.search.labels).mean()
    assert scored.top1 == pytest.approx(100 * hits, abs=100 / 60 + 1e-6)
    assert scored.stderr == pytest.approx(100 * (hits * (1 - hits) / 60) ** 0.5, abs=0.5)
    assert scored.images == 60


def test_report_uses_other_images_than_search(net: Supernet, splits: Splits, archs: list[Architecture]) -> None:
    on_search = evaluator(net, splits)
    on_report = evaluator(net, Splits(calibrate=splits.calibrate, search=splits.report, report=splits.search))
    assert [on_search.report(a).top1 for a in archs] == [e.top1 for e in on_report.evaluate(archs)]


def test_the_protocol_names_what_decides_a_score(net: Supernet, splits: Splits) -> None:
    protocol = evaluator(net, splits).protocol
    assert protocol.id == evaluator(net, splits).protocol.id
    assert protocol.resolution == "r / 4"
    assert protocol.search_images == 60
    other_images = evaluator(
        net, Splits(calibrate=splits.calibrate, search=splits.report, report=splits.search)
    ).protocol
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
    with pytest.raises(OutOfMemory, match=r"out of memory on cpu even for one candidate and the smallest batch"):
        next(evaluator(net, splits, batch=4).evaluate(archs[:1]))


def test_running_out_of_memory_in_calibration_halves_the_group_and_changes_no_score(
    net: Supernet, splits: Splits, archs: list[Architecture], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [e.top1 for e in evaluator(net, splits).evaluate(archs)]
    calibrate, sizes = PrefixTree.walk, list[int]()

    def walk(self: PrefixTree, x: Tensor) -> Iterator[tuple[list[int], Tensor]]:
        candidates = sum(len(node.ends) for node in self.nodes())
        sizes.append(candidates)
        if candidates > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")
        return calibrate(self, x)

    monkeypatch.setattr(PrefixTree, "walk", walk)
    starved = evaluator(net, splits)
    assert [e.top1 for e in starved.evaluate([*archs, archs[0]])] == [*expected, expected[0]]
    # Once it is known, nobody tries again.
    tried = len(sizes)
    list(starved.evaluate(archs[:2]))
    assert max(sizes[tried:]) == 1


def test_another_fault_is_not_taken_for_a_lack_of_memory(
    net: Supernet, splits: Splits, archs: list[Architecture], monkeypatch: pytest.MonkeyPatch
) -> None:
    def walk(self: PrefixTree, x: Tensor) -> Iterator[tuple[list[int], Tensor]]:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(PrefixTree, "walk", walk)
    with pytest.raises(RuntimeError, match="shapes"):
        next(evaluator(net, splits).evaluate(archs))


def _limit_batch(monkeypatch: pytest.MonkeyPatch, limit: int, sizes: list[int]) -> None:
    """Make scoring more than `limit` images at once run out of memory, as a small GPU would."""
    from supernets.evaluate import input_batches as inputs

    original = inputs.Inputs.batches

    def batches(
        self: inputs.Inputs, resolution: int, batch: int, count: int | None = None, order: Indices | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        for x, labels in original(self, resolution, batch, count, order):
            if count is None:
                sizes.append(len(x))
                if len(x) > limit:
                    raise torch.OutOfMemoryError("CUDA out of memory")
            yield x, labels

    monkeypatch.setattr(inputs.Inputs, "batches", batches)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["ofa", "autoformer"])
def test_logits_that_are_not_finite_are_never_scored(name: str, value: float, splits: Splits) -> None:
    net = network(name)
    last = [parameter for parameter in net.parameters() if len(parameter) == len(CLASSES)][-1]
    with torch.no_grad():
        last[2] = value
    a = net.space.smallest()
    with pytest.raises(UserError, match=f"the logits of {a.id} are not finite"):
        evaluator(net, splits).report(a)
    with pytest.raises(UserError, match="so there is no score"):
        list(evaluator(net, splits).evaluate(generation(net, 3)))
