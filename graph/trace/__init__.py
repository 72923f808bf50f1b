"""What a person sees of a run."""

from graph.trace.person import Terminal
from graph.trace.plain import columns, table
from graph.trace.progress import counting_bar, decoding_bar, download_bar, training_bar
from graph.trace.text import TRANSCRIPT_WIDTH, money, open_console, plain_console
from graph.trace.trace import Trace

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
