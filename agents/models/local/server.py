"""A model server as a process of the program's own: begun when it is first needed, ended with the program.

Notable: the process ends when its standard input does (`serve.py` says why), so nothing is left behind even where
nothing here runs any more. One that died between two calls is begun again. Knows no model and no prompt.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from typing import Any

import httpx

from agents.model_errors import CallError
from agents.models.local.child_process import ChildProcess
from common.errors import UserError

ADVICE = "use another file with --llm local:FILE, or another model with --llm; `analyst` needs neither file nor server"


class ModelServer:
    """Answers chat completions. `patience`: seconds that its process may take to get ready."""

    def __init__(self, command: Sequence[str], patience: float = 120.0) -> None:
        self._command = command
        self._patience = patience
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None

    def ask(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        """The answer to a chat completion in OpenAI's form.

        Raises:
            CallError: no answer within `timeout` seconds, or the server refused or died.
            UserError: the server cannot be begun.
        """
        child = self._running()
        try:
            try:
                response = _post(child, request, timeout)
            except httpx.ConnectError:
                # It died so shortly ago that the system has not told yet; the question was never received.
                child.stop()
                child = self._running()
                response = _post(child, request, timeout)
            answer = response.json()
        except httpx.TimeoutException:
            advice = "wait until the machine is less busy, or use a smaller model"
            raise CallError(f"no answer within {timeout:g} s", advice, transient=True) from None
        except (httpx.HTTPError, ValueError) as error:
            what = f"its server failed ({type(error).__name__}: {error}){child.ending()}"
            raise CallError(what, ADVICE, transient=True) from None
        if response.status_code != 200 or not isinstance(answer, dict):
            raise CallError(f"its server refused (HTTP {response.status_code}): {answer}", ADVICE, transient=False)
        return answer

    @property
    def pid(self) -> int | None:
        """Of its process; None before the first question."""
        return self._child.pid if self._child else None

    def stop(self) -> None:
        with self._lock:
            if self._child is not None:
                self._child.stop()

    def _running(self) -> ChildProcess:
        with self._lock:
            if self._child is None or not self._child.runs:
                self._child = ChildProcess(self._command)
                # Also at the end of the program, where that comes in good order.
                weakref.finalize(self, self._child.stop)
                if not self._child.gets_ready(self._patience):
                    self._child.stop()
                    raise UserError(f"the model's server did not start{self._child.ending()}. What to do: {ADVICE}")
            return self._child


def _post(child: ChildProcess, request: dict[str, Any], timeout: float) -> httpx.Response:
    # Not through a proxy of the environment: the server is on this machine.
    with httpx.Client(timeout=timeout, trust_env=False) as client:
        return client.post(f"{child.address}/v1/chat/completions", json=request)
