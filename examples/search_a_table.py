"""Search NAS-Bench-201 from a script: the built-in analyst answers for both agents, and scores are looked up."""

from __future__ import annotations

import collm_nas


def main() -> None:
    run = collm_nas.search("nasbench201", dataset="cifar100", evaluations=20, seed=1, limits={"params_m": 0.8})
    assert run.best is not None, "no candidate was within the limit"
    assert run.report is not None
    print(f"best cell: {run.space.genotype(run.best.architecture)['cell']}")
    print(f"top-1: {run.best.top1:.2f} % on validation, {run.report.top1:.2f} % on test images")


if __name__ == "__main__":
    main()
