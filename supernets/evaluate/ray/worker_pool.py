"""Workers and their jobs: each worker has one job at a time, and gets the next one when it is done.

Notable: a job that was lost with its worker is repeated by another worker, and each result is used once. If a worker
dies while its node is alive, a new worker replaces it. A running job cannot be cancelled: an abandoned job finishes,
and its result is dropped. Knows nothing of the order or the cost of jobs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from common.errors import UserError
from supernets.evaluate.evaluator import Evaluation, ScoringStopped
from supernets.evaluate.ray.placement import Placement
from supernets.evaluate.ray.ray_session import WorkerLost, alive_nodes, get_result
from supernets.evaluate.ray.worker import Opener, Worker, WorkerInfo
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from supernets.evaluate.request import EvaluatorRequest

_MAX_DEATHS = 2
"""Number of workers that may die on one job before scoring stops."""
_START_TIMEOUT = 120
"""Seconds that Ray may take to start the processes."""
_RESTART_TIMEOUT = 300
"""Seconds that new workers may take to open if no other worker is left."""
_POLL_INTERVAL = 0.5
"""Seconds between two checks of the decoding progress."""
_SAME_FILES = "every node needs the program, and the weights and images at the same paths"


@dataclass(eq=False, kw_only=True)
class Job:
    """Candidates for one worker, scored by its method `evaluate`, `race` or `report`."""

    method: str
    archs: Sequence[Architecture]
    arguments: tuple[Any, ...] = ()
    """Further arguments of the method, after the candidates."""
    deaths: int = 0


@dataclass(eq=False)
class Member:
    """A worker; `actor` is Ray's handle of its process."""

    placement: Placement
    actor: Any
    opened: bool = False


class Pool:
    """Workers that are ready to score."""

    def __init__(self, placements: Sequence[Placement], request: EvaluatorRequest, opener: Opener) -> None:
        """
        Args:
            request: what each worker opens its evaluator from, with `opener`; its `progress` is called here.

        Raises:
            UserError: a worker cannot start or cannot open its evaluator, or their protocols differ.
        """
        self._request, self._opener = replace(request, progress=None), opener
        self._info: WorkerInfo | None = None
        self._busy: dict[Any, tuple[Member, Job | None]] = {}
        """Worker and job by the reference to the result; no job if the worker opens, or if the job was abandoned."""
        self.members = [self._begin(placement) for placement in placements]
        self._require_room()
        # One worker of each node opens first, so that the others find the images decoded.
        first = {member.placement.node: member for member in reversed(self.members)}.values()
        for together in (list(first), [member for member in self.members if member not in first]):
            self._open(together, request)

    @property
    def info(self) -> WorkerInfo:
        """Description of the first worker's evaluator; those of the others have the same protocol."""
        assert self._info is not None
        return self._info

    def results(self, jobs: Sequence[Job], on_message: Callable[[str], None]) -> Iterator[list[Evaluation]]:
        """The result of each job, as soon as it is done.

        Args:
            on_message: called with a sentence on each worker that is lost.

        Raises:
            ScoringStopped: two workers died on one job, or no worker is left.
            UserError: an evaluator raised it.
        """
        waiting, missing = deque(jobs), len(jobs)
        try:
            while missing:
                self._hand_out(waiting, on_message)
                reference = self._first_done()
                member, job = self._busy.pop(reference)
                try:
                    result = get_result(reference)
                    if not member.opened:
                        self._register(member, result)
                except WorkerLost as lost:
                    self._lose(member, str(lost), on_message)
                    if job:
                        _count_death(job, str(lost))
                        waiting.appendleft(job)
                    continue
                except UserError as error:
                    if job:
                        raise
                    if not member.opened:
                        self._lose(member, str(error), on_message)
                    continue
                if job:
                    missing -= 1
                    yield result
        finally:
            self._busy = {reference: (member, None) for reference, (member, _) in self._busy.items()}

    def _begin(self, placement: Placement) -> Member:
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        actor = ray.remote(
            num_cpus=placement.threads,
            num_gpus=placement.gpus,
            scheduling_strategy=NodeAffinitySchedulingStrategy(placement.node.id, soft=False),
            concurrency_groups={"progress": 1},
        )(Worker)
        return Member(placement, actor.remote(placement.threads))

    def _require_room(self) -> None:
        import ray

        begun = [member.actor.pid.remote() for member in self.members]
        _, waiting = ray.wait(begun, num_returns=len(begun), timeout=_START_TIMEOUT)
        if waiting:
            raise UserError(
                f"{len(waiting)} of {len(begun)} workers did not start within {_START_TIMEOUT} s: other programs may "
                "hold the CPUs or GPUs of the cluster; wait for them, or use fewer --workers"
            )

    def _open(self, members: Sequence[Member], request: EvaluatorRequest) -> None:
        import ray

        waiting = {member.actor.open.remote(self._opener, self._request): member for member in members}
        while waiting:
            done, _ = ray.wait(list(waiting), timeout=_POLL_INTERVAL)
            for reference in done:
                member = waiting.pop(reference)
                where = f"worker on {member.placement.node.address}"
                try:
                    self._register(member, get_result(reference))
                except WorkerLost as lost:
                    raise UserError(f"{where}: {lost}; {_SAME_FILES}; if memory ran out, use fewer --workers") from None
                except UserError as error:
                    raise UserError(f"{where}: {error}; {_SAME_FILES}") from None
            if request.progress and not done and (seen := _decoded(members[0])):
                request.progress(*seen)

    def _register(self, member: Member, info: WorkerInfo) -> None:
        self._info = self._info or info
        if different := self.info.protocol.differences(info.protocol.to_dict()):
            raise UserError(
                f"its evaluation protocol differs from the other workers' ({'; '.join(different)}); leave its node out "
                "of the cluster, or choose a --device that all nodes have"
            )
        member.opened = True

    def _hand_out(self, waiting: deque[Job], on_message: Callable[[str], None]) -> None:
        busy = {member for member, _ in self._busy.values()}
        for member in [member for member in self.members if member not in busy]:
            if not waiting:
                return
            if waiting[0].deaths and (lost := _why_unreachable(member)):
                # It died while idle; do not count this against the job.
                self._lose(member, lost, on_message)
                continue
            job = waiting.popleft()
            self._busy[getattr(member.actor, job.method).remote(job.archs, *job.arguments)] = member, job

    def _first_done(self) -> Any:
        import ray

        opened = any(member.opened for member in self.members)
        done, _ = ray.wait(list(self._busy), timeout=None if opened else _RESTART_TIMEOUT)
        if not done:
            raise ScoringStopped(f"no worker is left, and new ones did not open within {_RESTART_TIMEOUT} s")
        return done[0]

    def _lose(self, member: Member, why: str, on_message: Callable[[str], None]) -> None:
        """Remove a worker, and start a new one in its place if its node is alive.

        Raises:
            ScoringStopped: no worker is left.
        """
        import ray

        # It may only be unreachable, and must not continue.
        ray.kill(member.actor)
        self.members.remove(member)
        comes_back = member.opened and member.placement.node.id in {node.id for node in alive_nodes()}
        if comes_back:
            new = self._begin(member.placement)
            self.members.append(new)
            self._busy[new.actor.open.remote(self._opener, self._request)] = new, None
        what = f"{'A' if member.opened else 'The new'} worker on {member.placement.node.address} was lost ({why})"
        on_message(f"{what}; {'a new one takes its place' if comes_back else f'{len(self.members)} left'}.")
        if not self.members:
            raise ScoringStopped(f"no worker is left ({why})")


def _count_death(job: Job, why: str) -> None:
    job.deaths += 1
    if job.deaths == _MAX_DEATHS:
        named = ", ".join(a.id for a in job.archs)
        raise ScoringStopped(f"{_MAX_DEATHS} workers died while scoring {named} ({why})")


def _why_unreachable(member: Member) -> str:
    """Why a worker does not answer; empty if it does."""
    try:
        get_result(member.actor.pid.remote())
    except WorkerLost as lost:
        return str(lost)
    return ""


def _decoded(member: Member) -> tuple[int, int] | None:
    try:
        seen: tuple[int, int] | None = get_result(member.actor.decoded.options(concurrency_group="progress").remote())
    except WorkerLost:
        return None
    return seen
