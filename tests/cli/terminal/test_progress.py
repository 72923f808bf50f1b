from __future__ import annotations

import io

from rich.console import Console

from cli.terminal.progress import download_bar


def shown(terminal: bool) -> str:
    stream = io.StringIO()
    with download_bar(Console(file=stream, force_terminal=terminal, width=80)) as report:
        report(10_000_000, 32_200_000)
        report(32_200_000, 32_200_000)
    return stream.getvalue()


def test_a_terminal_sees_bytes_that_are_there_and_those_of_the_file() -> None:
    assert "32.2/32.2 MB" in shown(terminal=True)


def test_a_file_or_a_pipe_sees_nothing() -> None:
    assert shown(terminal=False) == ""


def test_a_length_that_the_server_does_not_say() -> None:
    stream = io.StringIO()
    with download_bar(Console(file=stream, force_terminal=True, width=80)) as report:
        report(1_500_000, None)
    assert "1.5/? MB" in stream.getvalue()
