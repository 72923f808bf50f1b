"""SiLLM-NAS: one model in both roles reflects, then generates, in one conversation; the paper's ablation of the pair.

Li et al., CoLLM-NAS (arXiv:2509.26037). `--strategy collm --single` is the same; this is its name among strategies.
"""

from __future__ import annotations

from graph.strategies.collm import CoLLM


class SiLLM(CoLLM):
    name = "sillm"
