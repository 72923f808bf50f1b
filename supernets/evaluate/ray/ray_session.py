"""A Ray session for one run: Ray is started on this machine, or a running cluster is joined.

Notable: Ray's own output is silenced, because it would break up the live display of a run; its errors also arrive as
exceptions. A session that was started here keeps its files in a temporary folder, which is deleted when the run ends.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common.errors import UserError
from supernets.evaluate.ray.placement import ClusterNode

_OBJECT_STORE_BYTES = 80 * 2**20
"""Size of the shared memory, about the minimum that Ray accepts, because scores are small."""
_CONNECT_TIMEOUT = 5
"""Seconds to wait for an answer from the head node of a cluster."""
_ENVIRONMENT = {"RAY_DEDUP_LOGS_SKIP_REGEX": ".", "RAY_USAGE_STATS_ENABLED": "0"}


@contextmanager
def session(address: str | None) -> Iterator[list[ClusterNode]]:
    """Inside, this process belongs to a Ray cluster, whose nodes are returned.

    Args:
        address: HOST:PORT of a running cluster, or `auto`; None starts Ray on this machine alone.

    Raises:
        UserError: Ray is not installed, does not start, or does not answer.
    """
    if importlib.util.find_spec("ray") is None:
        raise UserError(
            "--workers and --ray need the package ray: pip install 'collm-nas[cluster]' (in a clone: "
            "pip install -e '.[cluster]'); or leave them out to score in this process"
        )
    prepare(own=not address)
    import ray

    if address:
        _require_answer(address)
    with tempfile.TemporaryDirectory(prefix="collm-ray-", ignore_cleanup_errors=True) as folder:
        own: dict[str, Any] = {
            "include_dashboard": False,
            "object_store_memory": _OBJECT_STORE_BYTES,
            "_temp_dir": folder,
        }
        try:
            ray.init(
                address or "local", log_to_driver=False, logging_level=logging.CRITICAL, **({} if address else own)
            )
        except (RuntimeError, ValueError, OSError) as error:
            if address:
                raise UserError(
                    f"--ray {address}: cannot be joined ({error}); search on one of its nodes, with the same versions "
                    "of Python and Ray and the same token (`ray get-auth-token`)"
                ) from None
            raise UserError(f"--workers: Ray did not start ({error}); leave it out to score in this process") from None
        try:
            yield alive_nodes()
        finally:
            ray.shutdown()


def prepare(own: bool) -> None:
    """Set up the environment before Ray is imported: no output, and the user's token for clusters if there is one.

    Args:
        own: whether Ray is started here; it then gets a token, or else it would leave one in the user's home.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if "ray" in sys.modules:
        # Ray has already read its token settings; changes would reach only new processes, which could then not connect.
        return
    if own and not _has_token():
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    if _has_token():
        os.environ.setdefault("RAY_AUTH_MODE", "token")


def _has_token() -> bool:
    named = {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & os.environ.keys()
    return bool(named) or Path(os.path.expanduser("~/.ray/auth_token")).is_file()


def alive_nodes() -> list[ClusterNode]:
    """The nodes that Ray regards as alive, this one first."""
    import ray

    here = ray.get_runtime_context().get_node_id()
    nodes = [_node(each) for each in ray.nodes() if each["Alive"]]
    return sorted(nodes, key=lambda node: (node.id != here, node.address, node.id))


def _node(info: dict[str, Any]) -> ClusterNode:
    lent = info["Resources"]
    return ClusterNode(
        id=info["NodeID"],
        address=info["NodeManagerAddress"],
        cpus=int(lent.get("CPU", 0)),
        gpus=int(lent.get("GPU", 0)),
    )


def _require_answer(address: str) -> None:
    """Check the address first, because Ray itself would try for two minutes and then end the program."""
    host, _, port = address.rpartition(":")
    if address == "auto":
        return
    if not host or not port.isdigit():
        raise UserError(f"--ray: expected HOST:PORT, as `ray start --head` prints it, or auto; got {address!r}")
    try:
        socket.create_connection((host, int(port)), _CONNECT_TIMEOUT).close()
    except (OSError, OverflowError) as error:
        raise UserError(
            f"--ray {address}: nothing answers there ({error}); start the cluster with `ray start --head` on that "
            "machine, or use --workers N to score on this one alone"
        ) from None


class WorkerLost(Exception):
    """A worker's process or node is gone; the text gives Ray's reason."""


def get_result(reference: Any) -> Any:
    """The result of a call to a worker.

    Raises:
        WorkerLost: the worker is gone.
        UserError: the worker raised it.
    """
    import ray
    from ray.exceptions import ActorUnavailableError, RayError, RayTaskError

    try:
        return ray.get(reference)
    except RayTaskError as error:
        if isinstance(error.cause, UserError):
            raise error.cause from None
        raise
    except ActorUnavailableError:
        raise WorkerLost("it does not answer") from None
    except RayError as error:
        # Ray's messages are long, with the cause in the middle or at the end.
        cause = re.search(r"because (.*?)\.\s", f"{error} ")
        raise WorkerLost(cause[1] if cause else str(error).strip().splitlines()[-1]) from None
