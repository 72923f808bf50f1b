"""Score one architecture of a tabular benchmark, and show its costs."""

from __future__ import annotations

from pathlib import Path

from collm_nas import EvaluatorRequest, get_space, open_evaluator

CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"


def main() -> None:
    architecture = get_space("nasbench201", "cifar10").parse({"cell": CELL})
    cost = get_space("nasbench201", "cifar10").cost(architecture)
    evaluator = open_evaluator(
        EvaluatorRequest(supernet="nasbench201", dataset="cifar10", cache=Path("cache"))
    ).evaluator
    (search,) = evaluator.evaluate([architecture])
    report = evaluator.report(architecture)
    print(f"{cost.macs_m:.1f} M MACs, {cost.params_m:.3f} M parameters")
    print(
        f"top-1: {search.top1:.2f} ± {search.stderr:.2f} % (search), {report.top1:.2f} ± {report.stderr:.2f} % (report)"
    )


if __name__ == "__main__":
    main()
