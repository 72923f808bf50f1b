"""Show what is here."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from cli.model_options import ApiBase
from common.files import cache_folder


def doctor(
    probe: Annotated[str | None, typer.Option(help="Ask this model one tiny question, and show how it did.")] = None,
    api_base: ApiBase = None,
) -> None:
    """Show what is here: packages, devices, weights, images, keys (names only), local servers, who would speak.

    Example: python main.py doctor --probe ollama_chat/qwen3
    """
    from agents.models.model_registry import default_model
    from agents.models.settings import ModelSettings
    from cli.environment import findings, model_findings
    from cli.terminal.console import open_console
    from cli.terminal.plain import table

    console = open_console()
    if probe is None:
        name, reason = default_model()
        rows = [("would speak", f"{name} ({reason})"), *model_findings(ModelSettings.named(name))]
        console.print(table([*findings(cache_folder()), *rows]))
        return
    from agents.calls.probe import probe as ask

    for settings in ModelSettings.named(probe).changed(api_base=api_base).fallback_chain:
        settings = replace(settings, fallbacks=())
        console.print(table([("model", settings.name), *model_findings(settings)]))
        console.print(table(ask(settings)))
