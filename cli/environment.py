"""What is here: versions, devices, bundled weights and images, keys by name, local servers, and what models can do."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

from agents.models.local.model_file import file_of_embedded
from agents.models.model_registry import local_servers, present_keys, uses_litellm
from agents.models.settings import ModelSettings

Finding = tuple[str, str]

_PACKAGES = ("torch", "timm", "langgraph", "langchain-core", "litellm", "networkx", "rich", "pillow")


def findings(cache: Path) -> list[Finding]:
    """(label, what was found), in the order to show; values of keys are never read."""
    return [
        ("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"),
        ("packages", ", ".join(f"{package} {_version(package)}" for package in _PACKAGES)),
        ("device", _device()),
        ("weights", _weights()),
        ("images", _images(cache)),
        ("keys", ", ".join(present_keys()) or "none of the known providers' variables is set"),
        ("local servers", ", ".join(f"{name} at {url}" for name, url in local_servers()) or "none answers"),
        ("embedded model", _embedded(cache)),
    ]


def model_findings(settings: ModelSettings) -> list[Finding]:
    """What litellm knows of a model and its fallbacks; nothing for those that are not litellm's.

    Raises:
        UserError: litellm has no such provider.
    """
    named = [each for each in settings.fallback_chain if uses_litellm(each.name)]
    if not named:
        return []
    # Imports litellm, which takes seconds.
    from agents.calls.probe import known
    from agents.models.hosted.capability import capability

    return [(each.name, known(capability(each))) for each in named]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _embedded(cache: Path) -> str:
    runs, fetched = _version("xllamacpp"), file_of_embedded(cache).is_file()
    here = "its file is here" if fetched else "its file is fetched (93 MB) when it is first named"
    return "needs pip install 'collm-nas[local]'" if runs == "missing" else f"local, on xllamacpp {runs}; {here}"


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


def _images(cache: Path) -> str:
    decoded = sorted(path.name for path in cache.glob("images-*") if path.is_dir()) if cache.is_dir() else []
    return f"CIFAR-10 subset bundled; {len(decoded)} decoded sets in {cache}"
