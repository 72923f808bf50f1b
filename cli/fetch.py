"""Fetch released weights."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.completion import supernet_names
from common.files import cache_folder

if TYPE_CHECKING:
    from supernets.fetch.fetch import Fetched


def fetch(
    supernet: Annotated[
        str,
        typer.Argument(
            help="Supernet whose weights to fetch: ofa, autoformer-small, spos, ...", autocompletion=supernet_names
        ),
    ],
    local: Annotated[
        Path | None, typer.Option("--from", help="Use this file instead of downloading the authors'.")
    ] = None,
    mirror: Annotated[
        str | None, typer.Option(envvar="COLLM_MIRROR", help="Address to download from instead of the authors' server.")
    ] = None,
    offline: Annotated[
        bool,
        typer.Option("--offline", envvar="COLLM_OFFLINE", help="Use no network: fail if the file is not in the cache."),
    ] = False,
) -> None:
    """Fetch the weights that a supernet's authors released, check them and convert them to safetensors.

    The same command continues a download that was stopped.
    """
    import shlex

    from cli.terminal.console import clean_text, open_console
    from cli.terminal.progress import download_bar
    from supernets.fetch.fetch import fetch as fetch_weights

    console = open_console(sys.stderr)
    with download_bar(console) as progress:
        fetched = fetch_weights(
            supernet, cache_folder(), progress, lambda line: console.print(clean_text(line), soft_wrap=True),
            local=local, mirror=mirror, offline=offline,
        )  # fmt: skip
    print(f"{'wrote' if fetched.new else 'already there:'} {fetched.path}")
    print(f"made of: {fetched.origin}\nSHA-256 of that file: {fetched.released_sha256}")
    print(_trust(fetched))
    print(f"next: python main.py --supernet {supernet} --weights {shlex.quote(str(fetched.path))} --imagenet DIR")


def _trust(fetched: Fetched) -> str:
    if fetched.published:
        return "This is the checksum that the authors publish."
    when = "from now on" if fetched.new else "since then"
    return (
        f"The authors publish no checksum. The file fits this network and is trusted {when}; whether it is theirs, "
        "only its origin says."
    )
