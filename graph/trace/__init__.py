"""What a person sees of a run."""

from graph.trace.person import Terminal
from graph.trace.plain import table
from graph.trace.progress import decoding_bar, download_bar, runs_bar, training_bar
from graph.trace.text import TRANSCRIPT_WIDTH, open_console, plain_console
from graph.trace.trace import Trace

__all__ = [
    "TRANSCRIPT_WIDTH",
    "Terminal",
    "Trace",
    "decoding_bar",
    "download_bar",
    "open_console",
    "plain_console",
    "runs_bar",
    "table",
    "training_bar",
]
