"""Report the environment: packages, devices, weights, images, keys by name, servers, and what models can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.model_options import ApiBase, Stream, choose_model
from common.errors import UserError
from common.files import cache_folder

if TYPE_CHECKING:
    from agents.models.settings import ModelSettings

_PACKAGES = ("torch", "timm", "langgraph", "langchain-core", "litellm", "networkx", "rich", "pillow")

Finding = tuple[str, str]
"""Label, and what was found."""


def doctor(
    probe: Annotated[
        str | None, typer.Option(help="Ask this model one question; report latency, tokens, price.")
    ] = None,
    api_base: ApiBase = None,
    stream: Stream = True,
) -> None:
    """Report packages, devices, weights, images, keys (names only), local servers, and the default model.

    Example: python main.py doctor --probe ollama_chat/qwen3
    """
    from agents.models.model_registry import default_model
    from agents.models.settings import ModelSettings
    from cli.terminal.console import open_console, table

    console = open_console()
    if probe is None:
        name, reason = default_model()
        rows = [("default model", f"{name} ({reason})"), *model_findings(choose_model({}))]
        console.print(table([*findings(_cache()), *rows]))
        return
    from agents.calls.probe import probe as ask

    for settings in ModelSettings.named(probe).changed(api_base=api_base).fallback_chain:
        settings = replace(settings, fallbacks=())
        console.print(table([("model", settings.name), *model_findings(settings)]))
        console.print(table(ask(settings, stream)))


def _cache() -> Path | None:
    try:
        return cache_folder()
    except UserError:
        return None


def findings(cache: Path | None) -> list[Finding]:
    """What was found on this machine, in the order to show; values of keys are never shown.

    Args:
        cache: the folder of cached files; None where the user has none.
    """
    import os
    import platform

    from agents.models.model_registry import local_servers, present_keys

    return [
        ("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"),
        ("packages", ", ".join(f"{package} {_version(package)}" for package in _PACKAGES)),
        ("device", _device()),
        ("weights", _weights()),
        ("images", _images(cache)),
        ("keys", ", ".join(present_keys()) or "no usable key of a known provider is set"),
        ("local servers", ", ".join(f"{name} at {url}" for name, url in local_servers()) or "none answers"),
        ("embedded model", _embedded_model(cache)),
    ]


def model_findings(settings: ModelSettings) -> Sequence[Finding]:
    """What litellm knows of a model and its fallbacks; nothing for models that litellm does not serve.

    Raises:
        UserError: litellm has no such provider.
    """
    from agents.models.model_registry import uses_litellm

    hosted = [each for each in settings.fallback_chain if uses_litellm(each.name)]
    if not hosted:
        return []
    # Imports litellm, which takes seconds.
    from agents.calls.probe import known
    from agents.models.hosted.capability import capability

    return [(each.name, known(capability(each))) for each in hosted]


def _version(package: str) -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _embedded_model(cache: Path | None) -> str:
    from agents.models.local.model_file import file_of_embedded

    runtime = _version("xllamacpp")
    if runtime == "missing":
        return "needs pip install 'collm-nas[local]'"
    fetched = cache is not None and file_of_embedded(cache).is_file()
    state = "downloaded" if fetched else "downloaded (93 MB) when it is first used"
    return f"local, on xllamacpp {runtime}; {state}"


def _device() -> str:
    import torch

    if not torch.cuda.is_available():
        return f"cpu, {torch.get_num_threads()} threads (no CUDA device)"
    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return "cuda: " + ", ".join(names)


def _weights() -> str:
    from supernets.families.registry import supernet_names
    from supernets.load import pocket_weights

    bundled = [name for name in supernet_names() if pocket_weights(name).exists()]
    others = [name for name in supernet_names() if name not in bundled]
    return f"pocket supernets bundled for {', '.join(bundled)}; {', '.join(others)} need --weights FILE (main.py fetch)"


def _images(cache: Path | None) -> str:
    if cache is None:
        return "CIFAR-10 subset bundled; no folder for decoded ones: this user has no home, so set XDG_CACHE_HOME"
    decoded = sorted(path.name for path in cache.glob("images-*") if path.is_dir()) if cache.is_dir() else []
    return f"CIFAR-10 subset bundled; {len(decoded)} decoded sets in {cache}"
