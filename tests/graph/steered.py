"""A process that a person steers, to be run at a pseudo-terminal: `python -m tests.graph.steered FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from cli.terminal.console import open_console
from cli.terminal.person_prompt import Terminal
from cli.terminal.trace import Trace
from graph.run_folder import RunFolder
from graph.search import Search
from tests.graph.fakes import SPACE, STRATEGY, FormulaEvaluator, eventful_script, models


def main() -> None:
    folder = RunFolder(Path(sys.argv[1]))
    again = [STRATEGY.format("as planned"), STRATEGY.format("as remarked")]
    fallback_chain = models({**eventful_script(), "navigator": [again]})
    with Trace(open_console()) as trace:
        person = Terminal(trace.suspended)
        Search(folder.config(), SPACE, FormulaEvaluator(), fallback_chain, folder, trace, person=person).run()


if __name__ == "__main__":
    main()
