"""The model card of an export, `README.md`: what the network is, how good, how that was measured, how to load it.

Notable: names of files and models, and what a model wrote, are data. They are escaped, so that they can be no headings,
links, pictures or HTML of the card.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supernets.evaluate.evaluator import Evaluation
from supernets.evaluate.protocol import SupernetProtocol
from supernets.export.sub_network import SubNetwork
from supernets.space.cost import COST_KINDS, Cost

Rows = Sequence[tuple[str, str]]

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$@:-])")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True)
class Provenance:
    """Where a sub-network comes from, for its card. Texts are of any origin: the card escapes them."""

    genotype: Any
    cost: Cost
    scores: Mapping[str, Evaluation]
    """By the split on which they were measured, `search` and `report`, or other words; `report` is the files' own."""
    protocol: SupernetProtocol
    """Of the scores."""
    settings: Rows = ()
    """Labels and values: weights, images, limits, search strategy, models."""
    guidance: str = ""
    """What the Navigator wrote for the round in which the sub-network was proposed."""
    notes: Sequence[str] = ()
    weights: str = (
        "with the weights that it inherits and with batch-norm statistics of its own, measured as for its scores"
    )
    """Clause on where the weights come from."""


@dataclass(frozen=True)
class CheckedFile:
    """A written file that was scored again."""

    name: str
    runtime: str
    hits: int
    images: int
    near_ties: int
    """Images on which rounding may decide, in the number format of the recorded score."""


def model_card(network: SubNetwork, provenance: Provenance, files: Sequence[CheckedFile]) -> str:
    """The text of `README.md`."""
    a, preprocessing = network.architecture, network.preprocessing
    parameters = sum(t.numel() for name, t in network.state.items() if not _is_statistic(name))
    sections = [
        f"# {network.supernet} {a.id}",
        f"One sub-network of the weight-sharing supernet {network.supernet}, {provenance.weights}.",
        "## How to load it",
        "\n\n".join(_loading(network, {file.name for file in files})),
        f"Input: `(N, 3, {network.side}, {network.side})`, float32, RGB with values from 0 to 1. Normalisation"
        f"{' and the change to BGR' if preprocessing.channels == 'BGR' else ''} is inside (mean "
        f"{_numbers(preprocessing.mean)}, deviation {_numbers(preprocessing.std)}), except in the timm folder, "
        "whose `config.json` has it. "
        f"Images are resized and cropped as follows: {escape(preprocessing.interpolation)}, crop "
        f"{preprocessing.crop:g}. Output: logits `(N, {len(network.classes)})`.",
        "## Scores",
        _table(("images", "top-1", "right", "protocol"), _scores(provenance.scores)),
        f"Protocol `{provenance.protocol.id}`: {provenance.protocol.report_images:,} images of "
        f"{escape(provenance.protocol.images)} for the report; scores in "
        f"{provenance.protocol.dtype} on {provenance.protocol.device}, batch norm: "
        f"{escape(provenance.protocol.calibration)}. Errors are binomial standard errors.{_optimism(provenance)}",
        "Every file was scored again on the report images, in float32, through the runtime that it is for:",
        _table(("file", "runtime", "right"), [(f.name, f.runtime, f"{f.hits:,} of {f.images:,}") for f in files]),
        *_difference(provenance, files),
        "## Costs",
        _table(("cost", "value"), _costs(provenance.cost)),
        f"These are of the architecture at full size. The tensors of this export have {parameters / 1e6:.3f} M "
        "parameters.",
        "## Genotype",
        f"```json\n{json.dumps(provenance.genotype)}\n```",
        "## Origin",
        _table(("setting", "value"), [("weights, SHA-256", provenance.protocol.weights), *provenance.settings]),
        *map(escape, provenance.notes),
        *_guidance(provenance.guidance),
        "## Classes",
        escape(", ".join(network.classes)),
    ]
    return "\n\n".join(sections) + "\n"


def escape(text: str) -> str:
    """`text` on one line in Markdown, shown as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(_UNSEEN.sub("", text).split()))


def _is_statistic(name: str) -> bool:
    return name.endswith(("running_mean", "running_var", "num_batches_tracked"))


def _numbers(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def _loading(network: SubNetwork, files: set[str]) -> Iterable[str]:
    yield "```python\nfrom model import load  # needs torch alone\n\nnet = load()\nlogits = net(images)\n```"
    if "timm/" in files:
        yield (
            f"With timm, in the folder `timm`:\n\n```python\nimport timm, {network.name}\n"
            'net = timm.create_model("local-dir:.", pretrained=True).eval()\n```'
        )
    if "model.onnx" in files:
        yield (
            "```python\nimport onnxruntime\n\n"
            'session = onnxruntime.InferenceSession("model.onnx")\n'
            'logits = session.run(["logits"], {"images": images})[0]\n```'
        )
    if "model.pt2" in files:
        yield '```python\nimport torch\n\nnet = torch.export.load("model.pt2").module()\n```'


def _scores(scores: Mapping[str, Evaluation]) -> Iterable[tuple[str, ...]]:
    for split, score in scores.items():
        right = f"{hits(score):,} of {score.images:,}"
        yield split, f"{score.top1:.2f} ± {score.stderr:.2f} %", right, score.protocol


def hits(score: Evaluation) -> int:
    """Number of images that a score counts as right."""
    return round(score.top1 * score.images / 100)


def _difference(provenance: Provenance, files: Sequence[CheckedFile]) -> Iterable[str]:
    """How far the files are from the recorded score, where they are not equal."""
    recorded = hits(provenance.scores["report"])
    apart = [file for file in files if file.hits != recorded]
    if apart:
        most = max(abs(file.hits - recorded) for file in apart)
        yield (
            f"They differ from the recorded {recorded:,} by at most {most:,} images, because the score was taken in "
            f"{provenance.protocol.dtype} on {provenance.protocol.device}: on {apart[0].near_ties:,} images two "
            "classes are closer to each other than its rounding."
        )


def _optimism(provenance: Provenance) -> str:
    if "search" not in provenance.scores:
        return ""
    return (
        " The score on *search* was used to choose this sub-network among others, so it is optimistic; *report* was "
        "not."
    )


def _costs(cost: Cost) -> Iterable[tuple[str, str]]:
    for name, kind in COST_KINDS.items():
        if (value := cost.figure(name)) is not None:
            yield kind.label, f"{value:.{kind.exact_digits}f} {kind.unit}"


def _guidance(text: str) -> Iterable[str]:
    if text.strip():
        shown = _UNSEEN.sub("", text).strip()
        # Longer than any run of backticks inside, so that nothing inside ends it.
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
        yield "The strategy of the round in which it was proposed, as its author, perhaps a language model, wrote it:"
        yield f"{fence}text\n{shown}\n{fence}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *([escape(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
