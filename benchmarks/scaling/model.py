"""A simulation of searches as the program runs them, on the GPUs of a cluster.

Notable: what is serial in the program is serial here. A round asks the Navigator, then the Generator, is checked,
scored in chunks by whichever workers are free, recorded by the one process that coordinates, and over when its last
score is on the disk; only then does the next begin. Requests are served in the order in which they come. Proposals are
all legal and new, so there are as few rounds as there can be; nothing fails, and the report on the winner is left out.
Knows no archive, network or model, only what they take.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

import simpy

CHUNK = 8
"""Most candidates that a worker is handed at once."""
_NO_LIMIT = sys.maxsize

_Steps = Generator[simpy.Event, object, None]


@dataclass(frozen=True)
class Times:
    """Seconds."""

    candidate: float
    """Of scoring one candidate on one worker."""
    chunk: float = 0.0
    """What a chunk takes besides its candidates: the fewer share their beginnings, the more often it is paid."""
    call: float = 0.0
    """From a question to a language model to the end of its answer, without any candidates in it."""
    written: float = 0.0
    """Of each candidate in the Generator's answer."""
    coordination: float = 0.0
    """Of each candidate, before it can be scored: prompts, verdicts, the state machine."""
    commit: float = 0.0
    """Of putting one score on the disk."""
    start: float = 0.0
    """Until a run and its workers are ready."""
    spread: float = 0.0
    """Standard deviation of the logarithm of a candidate's seconds; their mean stays `candidate`."""


@dataclass(frozen=True)
class Plan:
    """How a search is run; `per_answer` and `ahead` are what the program could do and does not."""

    candidates: int
    per_round: int = 16
    workers: int = 1
    """GPUs among which a round is divided."""
    per_answer: int | None = None
    """Most candidates in one answer of the Generator; the answers of a round are written side by side."""
    ahead: bool = False
    """Whether models speak for the next round while this one is scored, and so without its scores."""


@dataclass(frozen=True)
class Site:
    """What searches share."""

    gpus: int
    pooled: bool = False
    """Whether a GPU takes chunks of any run; if not, a run waits for its workers and keeps them to its end."""
    calls_at_once: int = _NO_LIMIT
    commits_at_once: int = _NO_LIMIT
    """1 where all runs write to one file; a run by itself always writes one score after the other."""


@dataclass
class Outcome:
    """What became of one search, in seconds."""

    candidates: int = 0
    wall: float = 0.0
    """From the user's command to the last score."""
    queued: float = 0.0
    """Until the run had its workers."""
    models: float = 0.0
    """In which nothing of this search was scored, because its models spoke or waited for their turn."""
    scoring: float = 0.0
    """From the first candidate of a round that was handed out to the last that was recorded."""
    recording: float = 0.0
    """Of all commits, the wait for the file included; other chunks were scored meanwhile."""
    busy: float = 0.0
    """Of GPUs."""


@dataclass
class _Search:
    env: simpy.Environment
    plan: Plan
    times: Times
    fallback_chain: simpy.Resource
    disk: simpy.Resource
    rng: random.Random
    outcome: Outcome = field(default_factory=Outcome)

    def run(self, gpus: simpy.Resource) -> _Steps:
        """Rounds until the budget is spent."""
        yield self.env.timeout(self.times.start)
        recorder = simpy.Resource(self.env)
        rounds = _split(self.plan.candidates, self.plan.per_round)
        proposed = self.env.process(self._propose(rounds[0]))
        for count, following in zip(rounds, [*rounds[1:], 0], strict=True):
            began = self.env.now
            yield proposed
            self.outcome.models += self.env.now - began
            if following and self.plan.ahead:
                proposed = self.env.process(self._propose(following))
            yield self.env.timeout(count * self.times.coordination)
            began = self.env.now
            chunks = divide(count, self.plan.workers)
            yield self.env.all_of([self.env.process(self._score(size, gpus, recorder)) for size in chunks])
            self.outcome.scoring += self.env.now - began
            if following and not self.plan.ahead:
                proposed = self.env.process(self._propose(following))

    def _propose(self, count: int) -> _Steps:
        yield from self._ask(0)
        answers = _split(count, self.plan.per_answer or count)
        yield self.env.all_of([self.env.process(self._ask(size)) for size in answers])

    def _ask(self, count: int) -> _Steps:
        with self.fallback_chain.request() as turn:
            yield turn
            yield self.env.timeout(self.times.call + count * self.times.written)

    def _score(self, count: int, gpus: simpy.Resource, recorder: simpy.Resource) -> _Steps:
        seconds = self.times.chunk + sum(self._candidate() for _ in range(count))
        with gpus.request() as gpu:
            yield gpu
            yield self.env.timeout(seconds)
        began = self.env.now
        with recorder.request() as turn:
            yield turn
            for _ in range(count):
                yield from self._commit()
        self.outcome.recording += self.env.now - began
        self.outcome.busy += seconds
        self.outcome.candidates += count

    def _commit(self) -> _Steps:
        with self.disk.request() as turn:
            yield turn
            yield self.env.timeout(self.times.commit)

    def _candidate(self) -> float:
        spread = self.times.spread
        return self.times.candidate * self.rng.lognormvariate(-(spread**2) / 2, spread)


def simulate(searches: Sequence[tuple[float, Plan]], times: Times, site: Site, seed: int = 0) -> list[Outcome]:
    """What becomes of searches that are begun at the given seconds."""
    env = simpy.Environment()
    free = simpy.Container(env, site.gpus, init=site.gpus)
    pool = simpy.Resource(env, site.gpus)
    fallback_chain, disk = simpy.Resource(env, site.calls_at_once), simpy.Resource(env, site.commits_at_once)

    def live(begun: float, search: _Search) -> _Steps:
        yield env.timeout(begun)
        if site.pooled:
            yield from search.run(pool)
        else:
            yield free.get(search.plan.workers)
            search.outcome.queued = env.now - begun
            yield from search.run(simpy.Resource(env, search.plan.workers))
            yield free.put(search.plan.workers)
        search.outcome.wall = env.now - begun

    outcomes = []
    for index, (begun, plan) in enumerate(searches):
        search = _Search(env, plan, times, fallback_chain, disk, random.Random(f"{seed}:{index}"))
        outcomes.append(search.outcome)
        env.process(live(begun, search))
    env.run()
    return outcomes


def divide(count: int, workers: int) -> list[int]:
    """Sizes of the chunks of a round: as many for each worker, as equal as can be, and none above `CHUNK`."""
    chunks = min(count, workers * math.ceil(count / (workers * CHUNK)))
    return [(count + i) // chunks for i in range(chunks)]


def _split(count: int, most: int) -> list[int]:
    """`count` in parts of `most`, the rest in the last."""
    return [min(most, count - start) for start in range(0, count, most)]
