"""Does the loader keep the network busy? Clips a second that are read and changed, and that are learnt from.

    python scripts/benchmark_training.py CLIPS [key=value ...] --steps 12

CLIPS is a folder with clips.csv; further words are settings of ``ethopipe train`` (``init``, ``fit``, ``workers``,
``device``, ``labels`` of a run). Two rates are taken alone: the loader's, with nobody who learns, and the network's,
shown one batch again and again. The floor beside a GPU is the slower of them: at the network's own rate it is never
kept waiting, and ``workers`` are enough. On a CPU both want the same cores, and the floor is one after the other.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.chain.progress import Silent
from pipeline.config import compose
from pipeline.device import resolve, use_threads
from pipeline.errors import EthopipeError, UsageError
from pipeline.plan import training_plan
from pipeline.training.batches import Batches, Order
from pipeline.training.descent import rarest
from pipeline.training.learner import module
from pipeline.training.samples import Samples
from pipeline.training.settings import FitSettings
from pipeline.training.train import labels_of, start_of


def main(words: list[str] | None = None) -> int:
    """Time the three and print them; 1 where something cannot be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path)
    parser.add_argument("settings", nargs="*")
    parser.add_argument("--steps", type=int, default=12)
    given = parser.parse_args(words)
    try:
        rates(given)
    except EthopipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def rates(given: argparse.Namespace) -> None:
    """Print the rates of reading, of learning and of both."""
    plan = training_plan(compose("train", [f"data={given.clips}", "out=unused", *given.settings]))
    if not isinstance(plan.fit, FitSettings):
        raise UsageError("a probe and prototypes have no steps: time them with scripts/learning_curves.py")
    labels, device = labels_of(plan, Silent()), resolve(plan.device)
    use_threads(plan.threads)
    start = start_of(plan, labels.behaviours)
    truth, k = labels.truth(labels.behaviours), len(labels.behaviours)
    samples = Samples(labels, truth, start, plan.augmentation, np.arange(k, dtype=np.int64), plan.seed)
    clips = np.arange(len(labels), dtype=np.int64)
    order = Order(clips, rarest(truth), given.steps, plan.fit.batch, plan.fit.balance, plan.seed)

    def loader(workers: int) -> Any:
        return iter(Batches(2, given.steps, order, samples.training, workers, device.startswith("cuda")))

    learn, first = _learning(module(start, truth, plan.fit, plan.seed), device), next(loader(0))
    learnt = _rate(lambda: learn(first), given.steps, plan.fit.batch)  # while nobody else reads
    batches = loader(plan.workers)
    read = _rate(lambda: next(batches), given.steps, plan.fit.batch)
    batches = loader(plan.workers)
    both = _rate(lambda: learn(next(batches)), given.steps, plan.fit.batch)
    print(f"device {device}, {plan.workers} workers, batches of {plan.fit.batch}, {start.family}")
    print(f"read and changed  {read:8.1f} clips/s")
    print(f"learnt from       {learnt:8.1f} clips/s")
    floor = 1 / (1 / read + 1 / learnt) if device == "cpu" else min(read, learnt)
    print(f"both              {both:8.1f} clips/s, {both / floor:.2f} of the floor ({floor:.1f})")


def _learning(learner: Any, device: str) -> Callable[[Any], None]:
    """One step on a batch: forward, backward, the optimizer's move."""
    learner.to(device)
    optimizer = learner.configure_optimizers()

    def step(batch: Any) -> None:
        clips, shown, landmarks = batch
        loss = learner.training_step((clips.to(device), shown.to(device), landmarks), 0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def _rate(work: Callable[[], Any], times: int, clips: int) -> float:
    """Clips a second, each time with so many clips."""
    work()
    started = time.perf_counter()
    for _ in range(times - 1):
        work()
    return (times - 1) * clips / (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
