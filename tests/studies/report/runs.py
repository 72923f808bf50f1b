"""Runs for reports: of models that write markup and worse, interrupted, and without a legal candidate."""

from __future__ import annotations

import json
from pathlib import Path

import collm_nas
from collm_nas import Run

PLANTED = (
    "</script><script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"
    "<!--\u202egnp.exe\u2066\x1b[31m\x07{{ 7 * 7 }}&amp;"
)
"""What a model might write in every place: markup, a comment, direction controls, terminal codes, a template."""
CELLS = (
    "|none~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|none~2|",
    "|skip_connect~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|nor_conv_1x1~2|",
)


def planted_run(root: Path) -> Run:
    """A finished run, whose Navigator and Generator write `PLANTED` wherever they can."""
    strategy = (
        f"## Summary\n{PLANTED}\n## Key patterns\n{PLANTED}\n## Directions\n{PLANTED}\n"
        f'```json\n{{"prefer": {{"cell[0]": {{"none": 1, "skip": 3}}}}, "notes": {json.dumps(PLANTED)}}}\n```'
    )
    proposals = {"architectures": [*({"cell": cell} for cell in CELLS), {"cell": PLANTED}, {PLANTED: PLANTED}]}
    script = root / "answers.json"
    script.write_text(json.dumps({"navigator": [strategy], "generator": [proposals]}))
    return collm_nas.search("nasbench201", llm=f"scripted:{script.absolute()}", evaluations=2, per_round=4, limits={})


def fruitless_run() -> Run:
    """A run that found no legal candidate."""
    script = Path("fruitless.json")
    answer = {"architectures": [{"cell": "|none~0|"}]}
    script.write_text(json.dumps({"navigator": ["## Summary\nNone."], "generator": [answer]}))
    return collm_nas.search("nasbench201", llm=f"scripted:{script.absolute()}", evaluations=2, limits={})
