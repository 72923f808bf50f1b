"""Train a sub-network of a run on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import Device, JsonLines, RunsFolder
from graph import defaults

if TYPE_CHECKING:
    from supernets.finetune.finetuned import FinetunedRecord


def finetune(
    run: Annotated[str, typer.Argument(help="Run folder or id.")],
    images: Annotated[Path | None, typer.Option(help="Training images, one sub-folder for each class.")] = None,
    imagenet: Annotated[Path | None, typer.Option(help="Folder of ImageNet, whose train is used.")] = None,
    id: Annotated[str, typer.Option(help="Scored candidate of the run, by its id; by default the best.")] = "",
    recipe: Annotated[str, typer.Option(help="short, ofa-25, ofa-75 or spos-scratch.")] = "short",
    epochs: Annotated[int | None, typer.Option(help="Epochs; by default those of the recipe.")] = None,
    batch: Annotated[int | None, typer.Option(help="Images in a batch; by default as in the recipe.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="By default that of the recipe.")] = None,
    teacher: Annotated[
        bool, typer.Option("--teacher/--no-teacher", help="Learn from the supernet's largest network, too.")
    ] = True,
    classes_from_images: Annotated[
        bool, typer.Option("--classes-from-images", help="Learn the classes of --images, with a new last layer.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder to write; by default RUN/finetune/ID.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random choices.")] = defaults.SEED,
    device: Device = None,
    runs: RunsFolder = defaults.RUNS,
    json_lines: JsonLines = False,
) -> None:
    """Train the best sub-network of a run on from its inherited weights, and score it before and after.

    The same command continues a training that was stopped. `export` takes the folder that it writes.

    Example: python main.py finetune RUN --images CIFAR10/train
    """
    from dataclasses import replace

    from cli.terminal.console import open_console
    from cli.terminal.progress import training_bar
    from studies.finetune_run import finetune as train_on
    from studies.run import load
    from supernets.finetune.finetune_recipe import preset

    asked: dict[str, Any] = {"epochs": epochs, "batch": batch, "learning_rate": learning_rate}
    chosen = replace(preset(recipe), seed=seed, **{name: value for name, value in asked.items() if value is not None})
    found, console = load(run, runs), open_console(sys.stderr)
    with training_bar(console) as report:
        folder, record = train_on(
            found, id, out, images=images, imagenet=imagenet, recipe=chosen, teacher=teacher,
            own_classes=classes_from_images, device=device, report=report,
            note=lambda text: console.print(f"note: {text}", markup=False, highlight=False),
        )  # fmt: skip
    if json_lines:
        print(json.dumps({"folder": str(folder), **_figures(record)}))
    else:
        _show(folder, record)


def _figures(record: FinetunedRecord) -> dict[str, Any]:
    names = ("before", "after", "difference_error", "report_images", "training_images", "seconds")
    return {name: getattr(record, name) for name in names}


def _show(folder: Path, record: FinetunedRecord) -> None:
    from cli.terminal.console import count, open_console, table
    from supernets.evaluate.evaluator import standard_error

    def score(top1: float) -> str:
        return f"{top1:.2f} ± {standard_error(top1, record.report_images):.2f} %"

    where = "held-out images" if record.own_classes else "report images"
    rows = [("images", f"{record.training_images:,} to learn from, {record.report_images:,} {where} for the scores")]
    if record.before is not None:
        rows.append(("before", f"{score(record.before)}, with inherited weights"))
    rows.append(
        ("after", f"{score(record.after)}, {count(record.recipe['epochs'], 'epoch')} in {record.seconds:,.0f} s")
    )
    if record.before is not None:
        difference = f"{record.after - record.before:+.2f} ± {record.difference_error:.2f} points"
        rows.append(("difference", f"{difference}, on the same images"))
    rows.append(("folder", str(folder)))
    rows.append(("next", f"python main.py export {folder}"))
    open_console().print(table(rows))
