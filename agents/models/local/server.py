"""A model server in a child process, which starts with the first request and ends with the program.

The process ends when its standard input is closed (`serve.py` explains why), so it never outlives the program, however
that ends. A process that died between two requests is started again. This module knows neither models nor prompts.
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
    """Answers chat completions with the process that `command` starts."""

    def __init__(self, command: Sequence[str], start_timeout: float = 120.0) -> None:
        """`start_timeout`: seconds that the process may take until it is ready."""
        self._command = command
        self._start_timeout = start_timeout
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None

    def ask(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        """The response to a chat completion request, both in OpenAI's format.

        Raises:
            CallError: no response within `timeout` seconds, or the server refused or died.
            UserError: the server cannot be started.
        """
        child = self._running()
        try:
            try:
                response = _post(child, request, timeout)
            except httpx.ConnectError:
                # It died so recently that its end is not visible yet; it never received the request.
                child.stop()
                child = self._running()
                response = _post(child, request, timeout)
            answer = response.json()
        except httpx.TimeoutException:
            advice = "wait until the machine is less busy, or use a smaller model"
            raise CallError(f"no answer within {timeout:g} s", advice, transient=True) from None
        except (httpx.HTTPError, ValueError) as error:
            what = f"the model's server failed ({type(error).__name__}: {error}){child.ending()}"
            raise CallError(what, ADVICE, transient=True) from None
        if response.status_code != 200 or not isinstance(answer, dict):
            raise CallError(
                f"the model's server refused (HTTP {response.status_code}): {answer}", ADVICE, transient=False
            )
        return answer

    @property
    def pid(self) -> int | None:
        """Id of the process; None before the first request."""
        return self._child.pid if self._child else None

    def stop(self) -> None:
        """End the process if it is running."""
        with self._lock:
            if self._child is not None:
                self._child.stop()

    def _running(self) -> ChildProcess:
        with self._lock:
            if self._child is None or not self._child.running:
                self._child = ChildProcess(self._command)
                # Called also when the program ends regularly.
                weakref.finalize(self, self._child.stop)
                if not self._child.wait_until_ready(self._start_timeout):
                    self._child.stop()
                    raise UserError(f"the model's server did not start{self._child.ending()}. What to do: {ADVICE}")
            return self._child


def _post(child: ChildProcess, request: dict[str, Any], timeout: float) -> httpx.Response:
    # The server is on this machine, so proxies of the environment are ignored.
    with httpx.Client(timeout=timeout, trust_env=False) as client:
        return client.post(f"{child.address}/v1/chat/completions", json=request)
