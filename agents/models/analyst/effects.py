"""The fit as text for language models: the effects of choices gene by gene, and the choices of the optima.

No line is a row of a table, so none can be mistaken for a measured architecture (`agents/text/architecture_table.py`).
"""

from __future__ import annotations

from agents.models.analyst.findings import Findings
from agents.models.analyst.gene_table import GeneTable, Matrix
from agents.models.analyst.score_model import Effect

CLEAR = 1.0
"""Minimum size of an effect that counts as known, in standard deviations."""
LEAST_SHARE = 0.1
"""Minimum share of the optima for a choice to belong to the region."""


def gene_effects(f: Findings) -> str:
    """One line for each gene with the effects of its choices that are known, and one that names all other genes."""
    table = f.features.table
    uses = table.hot(f.score_model.x).sum(axis=0).reshape(len(table.genes), table.width)
    lines, unknown = [], []
    for g, gene in enumerate(table.genes):
        if len(gene.choices) < 2:
            continue
        effects = [f.score_model.over_average([g], c) for c in range(len(gene.choices))]
        if all(effect.clear < CLEAR for effect in effects):
            unknown.append(gene.label)
            continue
        cells = [
            f"{choice} {_known(effect)} ({uses[g, c]:.0f})"
            for c, (choice, effect) in enumerate(zip(gene.choices, effects, strict=True))
        ]
        lines.append(f"{gene.label}: {', '.join(cells)}")
    if unknown:
        lines.append(f"Nothing is known yet of {', '.join(unknown)}.")
    return "\n".join(lines)


def _known(effect: Effect) -> str:
    return f"{effect.points:+.2f} +- {effect.error:.2f}" if effect.clear >= CLEAR else "?"


def cost_slope(f: Findings) -> str:
    """What 10 % more of the main cost adds to top1, all else equal; empty if the cost is not known."""
    if f.target.main not in f.target.models:
        return ""
    return f"10 % more {f.target.main} with the same choices: {_known(f.score_model.cost_effect(1.1))}"


def gene_region(f: Findings) -> str:
    """The choices of each gene that occur among the optima, for genes of which some choices do not."""
    table, lines = f.features.table, []
    for gene, shares in zip(table.genes, f.shares.reshape(len(table.genes), table.width), strict=True):
        kept = [str(c) for c, share in zip(gene.choices, shares, strict=False) if share >= LEAST_SHARE]
        if len(kept) < len(gene.choices):
            lines.append(f"{gene.label}: {', '.join(kept)}")
    return "\n".join(lines)


def region(f: Findings) -> str:
    """The choices that occur among the optima, one line for each line of the gene table."""
    table, lines = f.features.table, []
    for genes, shares in line_shares(table, f.shares):
        choices = table.genes[genes[0]].choices
        kept = [str(c) for c, share in zip(choices, shares, strict=False) if share >= LEAST_SHARE]
        lines.append(f"- {described(table, genes)}: {', '.join(kept)}")
    return "\n".join(lines)


def line_shares(table: GeneTable, shares: Matrix) -> list[tuple[list[int], Matrix]]:
    """The genes of each line of the gene table, and the mean share of each of their choices."""
    cells = shares.reshape(len(table.genes), table.width)
    return [(genes, cells[genes].mean(axis=0)) for genes in table.rows if genes]


def names(table: GeneTable, genes: list[int]) -> str:
    """The label of one gene, or those of the first and the last of several."""
    first, last = table.genes[genes[0]], table.genes[genes[-1]]
    return first.label if len(genes) == 1 else f"{first.label} to {last.label}"


def described(table: GeneTable, genes: list[int]) -> str:
    """The labels of genes with the meaning of their line of the table."""
    return f"{names(table, genes)} ({table.meanings[table.genes[genes[0]].row]})"
