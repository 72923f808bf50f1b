"""The fit as Markdown for language models: the effect of every choice, and the choices of the optima.

The first cell of a row is never a genotype, so no row can be mistaken for a measured architecture
(`agents/text/architecture_table.py`).
"""

from __future__ import annotations

from agents.models.analyst.findings import Findings
from agents.models.analyst.gene_table import GeneTable, Matrix

LEAST_SHARE = 0.1
"""Minimum share of the optima for a choice to belong to the region."""


def effect_table(f: Findings) -> str:
    """A Markdown table with one line for each choice of each line of the gene table."""
    table = f.features.table
    uses = table.hot(f.score_model.x).sum(axis=0).reshape(len(table.genes), table.width)
    lines = ["| genes | choice | effect | error | uses | share |", "|---|---|---|---|---|---|"]
    for genes, shares in line_shares(table, f.shares):
        for c, choice in enumerate(table.genes[genes[0]].choices):
            effect = f.score_model.over_average(genes, c)
            cells = [names(table, genes), choice, f"{effect.points:+.2f}", f"{effect.error:.2f}"]
            lines.append(f"| {' | '.join(map(str, cells))} | {uses[genes, c].sum():.0f} | {100 * shares[c]:.0f} % |")
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
