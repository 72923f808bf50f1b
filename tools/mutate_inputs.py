"""Changes inputs of the program at random and looks for what must not happen: a traceback, or a wrong score as right.

`python -m tools.mutate_inputs [--count 1000] [--seed 0]` makes images, weights, genotypes and run folders, cuts,
empties, renames, swaps and flips bits of them, gives each to a command in this process, and prints how each ended:

    refused         an error that the program wrote, exit code 2
    same            the score of the unchanged input
    noted           another score, and a note or warning that the unchanged input does not get
    other input     what was changed is a valid input of its own: another genotype, another picture
    UNEXPLAINED     another score without a word
    TRACEBACK       an exception that the program did not expect

The exit code is 1 if there is any of the last two; their inputs stay in the folder that is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

FAILED = ("UNEXPLAINED", "TRACEBACK")
_FIGURES = ("architecture", "search_top1", "report_top1")
_IMAGES = 4
"""Images of a class in the folder that is changed."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    text: str
    """What it wrote, both streams."""
    crash: str = ""

    @property
    def figures(self) -> dict[str, Any]:
        """The scores in its JSON output."""
        for line in reversed(self.text.splitlines()):
            with contextlib.suppress(ValueError):
                found = json.loads(line)
                if isinstance(found, dict):
                    found = found.get("result") or found
                    return {name: found.get(name) for name in _FIGURES}
        return {}


@dataclass(frozen=True)
class Target:
    """A kind of input: how to make, change and use it."""

    name: str
    make: Callable[[Path], None]
    change: Callable[[Path, random.Random], str]
    """Changes the input in a folder; returns what was done."""
    command: Callable[[Path], tuple[str, ...]]
    notes: Callable[[Path], tuple[str, ...]] | None = None
    """A command whose output has the notes, where that of `command` has none."""


def run(arguments: tuple[str, ...]) -> Outcome:
    """A command in this process."""
    import main

    argv, sys.argv = sys.argv, ["main.py", *arguments]
    page = io.StringIO()
    try:
        with contextlib.redirect_stdout(page), contextlib.redirect_stderr(page):
            main.run()
        return Outcome(0, page.getvalue())
    except SystemExit as stop:
        return Outcome(stop.code if isinstance(stop.code, int) else 0, page.getvalue())
    except BaseException:
        return Outcome(1, page.getvalue(), traceback.format_exc())
    finally:
        sys.argv = argv


# Changes of one file


def cut(path: Path, rng: random.Random) -> str:
    content = path.read_bytes()
    kept = rng.choice([0, rng.randrange(len(content) + 1), max(0, len(content) - rng.randrange(1, 9))])
    path.write_bytes(content[:kept])
    return f"cut {path.name} to {kept} of {len(content)} bytes"


def flip(path: Path, rng: random.Random) -> str:
    content = bytearray(path.read_bytes())
    places = [rng.randrange(len(content)) for _ in range(rng.choice([1, 1, 8]))] if content else []
    for place in places:
        content[place] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    return f"flipped bits of {path.name} at {places}"


def blank(path: Path, rng: random.Random) -> str:
    content = bytearray(path.read_bytes())
    start = rng.randrange(len(content) + 1)
    content[start : start + 4096] = bytes(len(content[start : start + 4096]))
    path.write_bytes(content)
    return f"zeros in {path.name} from {start}"


def remove(path: Path, rng: random.Random) -> str:
    path.unlink()
    return f"removed {path.name}"


def replace_by_folder(path: Path, rng: random.Random) -> str:
    path.unlink()
    path.mkdir()
    return f"a folder in place of {path.name}"


def replace_by_text(path: Path, rng: random.Random) -> str:
    text = rng.choice(
        ["<html>", "null", "{}", "[]", "0", "\ufeff", "version https://git-lfs.github.com/spec/v1\n", "\0"]
    )
    path.write_text(text, encoding="utf-8")
    return f"{text!r} in place of {path.name}"


def dangle(path: Path, rng: random.Random) -> str:
    path.unlink()
    path.symlink_to("nowhere")
    return f"a link to nothing in place of {path.name}"


HARMS = (cut, cut, flip, flip, blank, remove, replace_by_folder, replace_by_text, dangle)


# Images


def make_images(folder: Path) -> None:
    from supernets.load import POCKET_IMAGES

    with tarfile.open(POCKET_IMAGES) as archive:
        counts: Counter[str] = Counter()
        for member in archive:
            parts = Path(member.name).parts
            if member.isfile() and parts[0] == "search" and counts[parts[1]] < _IMAGES:
                counts[parts[1]] += 1
                target = folder / "images" / parts[1] / parts[2]
                target.parent.mkdir(parents=True, exist_ok=True)
                stream = archive.extractfile(member)
                assert stream is not None
                target.write_bytes(stream.read())
    write_genotype(folder)


def write_genotype(folder: Path) -> None:
    from supernets.families.registry import get_space

    space = get_space("ofa")
    (folder / "arch.json").write_text(json.dumps(space.genotype(space.sample(random.Random(1)))))


def change_images(folder: Path, rng: random.Random) -> str:
    root = folder / "images"
    image = rng.choice(sorted(root.glob("*/*")))
    kind = image.parent

    def rename() -> str:
        image.rename(image.with_name(rng.choice([".hidden.jpg", "a.gif", "a.JPG", "a", "b.png", "ä ö.jpg", "x" * 200])))
        return "renamed an image"

    def deeper() -> str:
        (kind / "sub").mkdir()
        image.rename(kind / "sub" / image.name)
        return "moved an image deeper"

    def loose() -> str:
        image.rename(root / image.name)
        return "moved an image out of its class"

    def rename_class() -> str:
        kind.rename(kind.with_name(rng.choice(["0", "Cat", "." + kind.name, kind.name + " ", "@eaDir", "unknown"])))
        return f"renamed the class {kind.name}"

    def empty_class() -> str:
        shutil.rmtree(kind)
        if rng.random() < 0.5:
            kind.mkdir()
        return f"emptied the class {kind.name}"

    def add() -> str:
        (kind / rng.choice(["notes.txt", ".DS_Store", "a.tif", "Thumbs.db"])).write_bytes(b"x")
        (root / ".git").mkdir()
        return "added files of other kinds"

    def swap() -> str:
        other = rng.choice(sorted(kind.iterdir()))
        contents = image.read_bytes(), other.read_bytes()
        image.write_bytes(contents[1])
        other.write_bytes(contents[0])
        return "swapped two images of a class"

    whole = (rename, deeper, loose, rename_class, empty_class, add, swap)
    return rng.choice(whole)() if rng.random() < 0.4 else rng.choice(HARMS)(image, rng)


def pictures(folder: Path) -> dict[str, bytes]:
    """The pixels of every file that Pillow decodes."""
    found = {}
    for path in sorted((folder / "images").rglob("*")):
        with contextlib.suppress(Exception), Image.open(path) as image:
            found[str(path.relative_to(folder))] = image.convert("RGB").tobytes()
    return found


# Weights


def make_weights(folder: Path) -> None:
    from supernets.load import pocket_weights

    make_images(folder)
    shutil.copy(pocket_weights("ofa"), folder / "weights.safetensors")


def change_weights(folder: Path, rng: random.Random) -> str:
    from safetensors.torch import load_file, save_file

    from supernets.load import pocket_weights

    path = folder / "weights.safetensors"
    if rng.random() < 0.6:
        return rng.choice(HARMS)(path, rng)
    if rng.random() < 0.2:
        shutil.copy(pocket_weights(rng.choice(["spos", "autoformer"])), path)
        return "weights of another family"
    from safetensors import safe_open

    with safe_open(path, "pt") as opened:
        metadata = {key: value for key, value in (opened.metadata() or {}).items() if key != "content_sha256"}
    state = load_file(path)
    name = rng.choice(sorted(state))
    match rng.randrange(6):
        case 0:
            del state[name]
        case 1:
            state["other." + name] = state.pop(name)
        case 2:
            state[name] = state[name].flatten()[:1]
        case 3:
            state[name] = (state[name].float() * float("nan")) if state[name].is_floating_point() else state[name] + 1
        case 4:
            state[name] = state[name].int()
        case _:
            key = rng.choice(sorted(metadata))
            metadata[key] = rng.choice(["", "null", "[]", '"x"', "-1", "1e9", metadata[key] + "0"])
            name = f"metadata {key}: {metadata[key]!r:.30}"
    save_file(state, path, metadata)
    return f"saved again with another {name}"


# Genotypes


def make_genotype(folder: Path) -> None:
    from supernets.families.registry import get_space

    space = get_space("nasbench201")
    (folder / "arch.json").write_text(json.dumps(space.genotype(space.sample(random.Random(1)))))


def change_genotype(folder: Path, rng: random.Random) -> str:
    path = folder / "arch.json"
    if rng.random() < 0.5:
        return rng.choice(HARMS)(path, rng)
    content = json.loads(path.read_text())
    cell = content["cell"]
    forms: tuple[Any, ...] = (
        cell, [cell], {"arch": content}, {"cell": [cell]}, {"cell": cell.split("|")}, {**content, "extra": 1}, {},
        {"cell": None}, {"cell": cell * 2}, {"cell": cell.upper()}, {"cell": cell.replace("~0", "~7")},
        {"Cell": cell}, {"architecture": {"architecture": content}}, [content, content], {"cell": cell.encode().hex()},
    )  # fmt: skip
    form = rng.choice(forms)
    path.write_text(json.dumps(form))
    return f"written as {json.dumps(form)[:80]}"


# Runs


def make_run(folder: Path, finished: bool = True) -> None:
    before = Path.cwd()
    os.chdir(folder)
    try:
        made = run(("--supernet", "nasbench201", "--evaluations", "20", "--quiet"))
        assert made.code == 0, made
        (path,) = Path("runs").iterdir()
        path.rename("runs/run")
    finally:
        os.chdir(before)
    if not finished:
        connection = sqlite3.connect(folder / "runs/run/archive.sqlite")
        with connection:
            connection.execute("DELETE FROM facts WHERE name = 'stopped_because'")
            connection.execute("DELETE FROM evaluations WHERE split = 'report'")
        connection.close()
        (folder / "runs/run/result.json").unlink()


def change_run(folder: Path, rng: random.Random) -> str:
    path = rng.choice(sorted(each for each in (folder / "runs" / "run").iterdir() if each.is_file()))
    return rng.choice(HARMS)(path, rng)


def resume(folder: Path) -> tuple[str, ...]:
    return ("--resume", "runs/run", "--json")


def targets() -> tuple[Target, ...]:
    evaluate = ("evaluate", "--supernet", "ofa", "arch.json", "--images", "images")
    own = (*evaluate, "--weights", "weights.safetensors")
    return (
        Target("images", make_images, change_images, lambda f: (*evaluate, "--json"), lambda f: evaluate),
        Target("weights", make_weights, change_weights, lambda f: (*own, "--json"), lambda f: own),
        Target(
            "genotypes", make_genotype, change_genotype,
            lambda f: ("evaluate", "--supernet", "nasbench201", "arch.json", "--json"),
        ),
        Target("finished runs", make_run, change_run, resume),
        Target("unfinished runs", lambda f: make_run(f, finished=False), change_run, resume),
        Target(
            "replays", make_run, change_run, lambda f: ("replay", "runs/run", "--recorded-scores", "--json"),
        ),
    )  # fmt: skip


def notes_of(outcome: Outcome) -> str:
    """What a command wrote besides figures, without the folder's name."""
    return " ".join(line for line in outcome.text.split() if "/" not in line)


def judge(target: Target, folder: Path, clean: tuple[Outcome, str, dict[str, bytes]]) -> tuple[str, str]:
    """How the command on a changed input ended, and what it wrote.

    Args:
        clean: for the unchanged input its outcome, its notes, and its pictures.
    """
    outcome = run(target.command(folder))
    if outcome.crash:
        return "TRACEBACK", outcome.crash
    if outcome.code:
        told = "error:" in outcome.text or "not finished" in outcome.text or "no result" in outcome.text
        return ("refused" if told else "UNEXPLAINED"), outcome.text
    before, notes, seen = clean
    if outcome.figures == before.figures:
        return "same", ""
    if target.name == "genotypes" and outcome.figures["architecture"] != before.figures["architecture"]:
        return "other input", ""
    if '"level":"warning"' in outcome.text or (target.notes and notes_of(run(target.notes(folder))) != notes):
        return "noted", ""
    if target.name == "images" and pictures(folder) != seen:
        return "other input", ""
    return "UNEXPLAINED", outcome.text


def mutate(target: Target, count: int, seed: int, kept: Path) -> Iterator[tuple[str, str, str]]:
    """For each changed input: how the command ended, what was changed, and the text of a failure."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as place:
        original = Path(place) / "original"
        original.mkdir()
        target.make(original)
        clean: tuple[Outcome, str, dict[str, bytes]] | None = None
        for i in range(-1, count):
            folder = Path(place) / "changed"
            shutil.copytree(original, folder, symlinks=True)
            os.chdir(folder)
            try:
                if clean is None:
                    found = run(target.command(folder))
                    assert found.code == 0, found
                    assert found.figures, found
                    clean = found, notes_of(run(target.notes(folder))) if target.notes else "", pictures(folder)
                    continue
                rng = random.Random(f"{seed}/{target.name}/{i}")
                done = target.change(folder, rng)
                ended, text = judge(target, folder, clean)
                if ended in FAILED:
                    shutil.copytree(folder, kept / f"{target.name.replace(' ', '-')}-{i}", symlinks=True)
                yield ended, f"{i}: {done}", text
            finally:
                os.chdir(before)
                shutil.rmtree(folder)


def main_() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="inputs in all")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    kept = Path(tempfile.mkdtemp(prefix="mutated-"))
    os.environ["XDG_CACHE_HOME"] = str(kept / "cache")
    kinds, failed = targets(), 0
    for target in kinds:
        counts: Counter[str] = Counter()
        for ended, done, text in mutate(target, asked.count // len(kinds), asked.seed, kept):
            counts[ended] += 1
            if ended in FAILED:
                failed += 1
                print(f"{ended}: {target.name} {done}\n{text[-1500:]}\n", flush=True)
        print(f"{target.name}: {', '.join(f'{n} {ended}' for ended, n in sorted(counts.items()))}", flush=True)
    if not failed:
        shutil.rmtree(kept)
        return 0
    print(f"{failed} failed; their inputs are in {kept}")
    return 1


if __name__ == "__main__":
    raise SystemExit(main_())
