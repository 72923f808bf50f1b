"""Fine-tuning of what a search found, from the run to an export of the result."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import collm_nas
from collm_nas import Run, UserError
from studies.export_finetuned import export_finetuned
from studies.finetune_run import finetune
from supernets.families.registry import supernet_family
from supernets.finetune.finetune_recipe import preset
from supernets.finetune.finetuned import read_finetuned
from supernets.load import load_supernet
from tests.supernets.finetune.pictures import draw

pytestmark = pytest.mark.usefixtures("own_place")
RECIPE = replace(preset("short"), epochs=1, batch=8)


@pytest.fixture
def run(images: Path, tmp_path: Path) -> Run:
    return collm_nas.search("spos", strategy="random", evaluations=2, images=images, limits={}, seed=1)


def train_images(root: Path) -> Path:
    return draw(root / "train", 2, 5, load_supernet(supernet_family("spos"), None).metadata.classes)


def test_it_is_scored_before_and_after_and_exported(run: Run, tmp_path: Path) -> None:
    assert run.report is not None
    folder, record = finetune(run, images=train_images(tmp_path), recipe=RECIPE, device="cpu")
    assert folder == run.folder / "finetune" / run.report.architecture.id
    assert sorted(path.name for path in folder.iterdir()) == ["finetuned.json", "finetuned.safetensors"]
    assert record.teacher
    assert (record.training_images, record.report_images) == (20, run.report.images)
    assert record.before_hits is not None
    assert abs(record.before_hits - round(run.report.top1 * run.report.images / 100)) <= 1  # scored in half precision
    exported = export_finetuned(folder)
    assert [(file.name, file.hits) for file in exported.files] == [("model.py", record.after_hits)]
    card = (folder / "export" / "README.md").read_text()
    assert "fine-tuned on 20 images" in card
    assert f"| report, before | {record.before:.2f}" in card
    assert "*search*" not in card
    with pytest.raises(UserError, match="holds a finished fine-tuning"):
        finetune(run, images=tmp_path / "train", recipe=RECIPE)


def test_the_images_of_the_report_are_left_out(run: Run, images: Path) -> None:
    notes: list[str] = []
    _, record = finetune(run, images=images, recipe=RECIPE, teacher=False, note=notes.append)
    assert record.training_images == 80 - record.report_images
    assert any("are also among the images of the report and were left out" in note for note in notes)
    assert not record.teacher


def test_new_classes_get_a_new_last_layer_and_images_that_were_held_out(run: Run, tmp_path: Path) -> None:
    own = draw(tmp_path / "own", 10, 3, ("blue", "green", "red"))
    recipe = replace(RECIPE, epochs=6, learning_rate=0.01)
    folder, record = finetune(run, images=own, recipe=recipe, own_classes=True, out=tmp_path / "transfer")
    assert (record.classes, record.before, record.teacher) == (["blue", "green", "red"], None, False)
    assert (record.training_images, record.report_images) == (24, 6)
    exported = export_finetuned(folder, tmp_path / "files")
    assert exported.files[0].hits == record.after_hits
    assert "logits `(N, 3)`" in (tmp_path / "files" / "README.md").read_text()


def test_a_network_can_begin_with_new_weights(run: Run, tmp_path: Path) -> None:
    recipe, train = replace(RECIPE, from_scratch=True), train_images(tmp_path)
    folder, record = finetune(run, images=train, recipe=recipe)
    again, _ = finetune(run, images=train, recipe=recipe, out=tmp_path / "again")
    one, other = (read_finetuned(each)[1] for each in (folder, again))
    assert all(torch.equal(other[name], tensor) for name, tensor in one.items())
    assert record.recipe["from_scratch"]
    assert not record.teacher


def test_mistakes_are_explained(run: Run, tmp_path: Path) -> None:
    train = train_images(tmp_path)
    (tmp_path / "file").write_text("")
    for settings, message in (
        ({}, "either --images DIR or --imagenet DIR"),
        ({"images": train, "imagenet": train}, "either --images DIR or --imagenet DIR"),
        ({"imagenet": train, "own_classes": True}, "--classes-from-images: expected --images DIR"),
        ({"images": train, "id": "zz"}, "--id zz"),
        ({"images": train, "recipe": "ofa"}, "unknown recipe 'ofa'"),
        ({"images": tmp_path / "absent"}, "expected a folder"),
        ({"images": train, "recipe": replace(RECIPE, batch=21)}, "expected at least 21, one batch, got 20"),
        ({"images": train, "out": tmp_path / "file" / "out"}, "cannot write to .*file/out .*name another folder"),
    ):
        with pytest.raises(UserError, match=message):
            finetune(run, **settings)
    table = collm_nas.search("nasbench201", evaluations=2)
    with pytest.raises(UserError, match="nasbench201 has scores but no weights"):
        finetune(table, images=train)


def test_the_record_is_json_that_others_can_read(run: Run, tmp_path: Path) -> None:
    folder, record = finetune(run, images=train_images(tmp_path), recipe=RECIPE, device="cpu")
    stored = json.loads((folder / "finetuned.json").read_text())
    assert stored["after"] == record.after
    assert stored["recipe"]["epochs"] == 1
    assert run.space.parse(stored["architecture"]) == run.find().architecture
