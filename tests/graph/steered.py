"""A search with a reviewer at a pseudo-terminal, as a process: `python -m tests.graph.steered FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from cli.terminal.console import open_console
from cli.terminal.person_prompt import TerminalReviewer
from cli.terminal.trace import Trace
from graph.run_folder import RunFolder
from tests.graph.fakes import STRATEGY, eventful_script, models, search_in


def main() -> None:
    folder = RunFolder(Path(sys.argv[1]))
    again = [STRATEGY.format("as planned"), STRATEGY.format("as remarked")]
    fallback_chain = models({**eventful_script(), "navigator": [again]})
    with Trace(open_console()) as trace:
        reviewer = TerminalReviewer(trace.suspended)
        search_in(folder, models=fallback_chain, sink=trace, reviewer=reviewer).run()


if __name__ == "__main__":
    main()
