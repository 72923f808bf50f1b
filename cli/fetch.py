"""Fetch released weights."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.completion import supernet_names
from common.files import cache_folder


def fetch(
    supernet: Annotated[
        str,
        typer.Argument(
            help="Supernet whose weights to fetch: ofa, autoformer-small, spos, ...", autocompletion=supernet_names
        ),
    ],
    local: Annotated[
        Path | None, typer.Option("--from", help="Use this local copy of the authors' file instead of downloading it.")
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
    print(f"SHA-256 of the authors' file: {fetched.released_sha256}")
    print(f"next: python main.py --supernet {supernet} --weights {shlex.quote(str(fetched.path))} --imagenet DIR")
