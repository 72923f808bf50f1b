"""What a person sees of a run."""

from cli.terminal.console import TRANSCRIPT_WIDTH, money, open_console, plain_console
from cli.terminal.person_prompt import Terminal
from cli.terminal.plain import columns, table
from cli.terminal.progress import counting_bar, decoding_bar, download_bar, training_bar
from cli.terminal.trace import Trace

__all__ = [
    "TRANSCRIPT_WIDTH",
    "Terminal",
    "Trace",
    "columns",
    "counting_bar",
    "decoding_bar",
    "download_bar",
    "money",
    "open_console",
    "plain_console",
    "table",
    "training_bar",
]
