"""Show what is here."""

from __future__ import annotations

from cli.options import cache_folder


def doctor() -> None:
    """Show what is here: packages, devices, weights, images, keys (names only), local servers, who would speak."""
    from graph.doctor import findings
    from graph.trace import open_console, table

    open_console().print(table(findings(cache_folder())))
