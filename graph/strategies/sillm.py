"""SiLLM-NAS: one model in both roles, in one conversation; the paper's ablation of the two agents.

Li et al., CoLLM-NAS (arXiv:2509.26037). `--strategy collm --single` is the same search.
"""

from __future__ import annotations

from graph.strategies.collm import CoLLM


class SiLLM(CoLLM):
    name = "sillm"
