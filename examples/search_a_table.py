"""Search NAS-Bench-201 from a script: the built-in analyst answers for both agents, and scores are looked up."""

from __future__ import annotations

from pathlib import Path

from collm_nas import (
    Config,
    EvaluatorRequest,
    ModelSettings,
    RunFolder,
    Search,
    chat_models,
    get_space,
    open_evaluator,
)


def main() -> None:
    analyst = ModelSettings(name="analyst")
    config = Config(
        supernet="nasbench201",
        dataset="cifar100",
        evaluations=20,
        seed=1,
        limits={"params_m": 0.8},
        models={"navigator": analyst, "generator": analyst},
    )
    request = EvaluatorRequest(supernet=config.supernet, dataset=config.dataset, cache=Path("cache"))
    models = {role: chat_models(settings, seed=config.seed) for role, settings in config.models.items()}
    result = Search(
        config=config,
        space=get_space(config.supernet, config.dataset),
        evaluator=open_evaluator(request).evaluator,
        models=models,
        folder=RunFolder.create(Path("runs"), config),
        sink=lambda event: None,
    ).run()
    assert result is not None, "no candidate was within the limit"
    print(f"best cell: {result['architecture']['cell']}")
    print(f"top-1: {result['search_top1']:.2f} % on validation, {result['report_top1']:.2f} % on test images")


if __name__ == "__main__":
    main()
