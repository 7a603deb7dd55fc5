"""What is a new behaviour worth that was added to a model from a few examples, and what does it cost the others?

    python scripts/few_examples.py OUT data=CLIPS [key=value ...] --new Lie [Trot ...] --counts 3 5 10

The words after OUT are those of ``ethopipe train``; ``init`` is the embedded model unless they name another. A new
behaviour is added to it (``fit=prototypes``, every other one stays; where the model knows it, its row is taken away
first) from so many examples of one recording, of each recording in turn that has them, and judged by the clips of all
other recordings. OUT/few_examples.csv and what is printed have the means over recordings: the share of the other
clips that is told rightly without the new behaviour and with it; how many clips of the new one are found; how many told
so are; and what the examples said themselves (``examples_found``).
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.config import compose
from pipeline.errors import EthopipeError, UsageError
from pipeline.plan import training_plan
from pipeline.training.features import Views, features
from pipeline.training.labels import Labels
from pipeline.training.probe import Head
from pipeline.training.prototypes import beside
from pipeline.training.samples import Samples
from pipeline.training.slips import known_to
from pipeline.training.start import Start, halved
from pipeline.training.train import labels_of, start_of

EMBEDDED = "savanna_videomae"


def main() -> int:
    """Look once, add from each recording, print; 1 where something cannot be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("settings", nargs="+")
    parser.add_argument("--new", nargs="+", required=True)
    parser.add_argument("--counts", type=int, nargs="+", default=[3, 5, 10])
    given = parser.parse_args()
    try:
        labels, start, seen = _looked(given.settings, given.out)
        rows = [row for new in given.new for count in given.counts for row in _added(labels, start, seen, new, count)]
        if not rows:
            raise UsageError(f"no recording has {min(given.counts)} clips of {' or '.join(given.new)}")
    except EthopipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    table = pd.DataFrame(rows)
    table.to_csv(given.out / "few_examples.csv", index=False, float_format="%.4f")
    means = table.groupby(["new", "examples"], sort=False).mean(numeric_only=True)
    print(means.assign(recordings=table.groupby(["new", "examples"]).size()).to_string(float_format="%.3f"))
    return 0


def _looked(words: list[str], out: Path) -> tuple[Labels, Start, FloatArray]:
    """The clips, the network, and its features ``[N, D]`` of them as a recognizer sees them."""
    plan = training_plan(compose("train", [f"init={EMBEDDED}", "fit=prototypes", *words, f"out={out}"]))
    labels, _ = labels_of(plan, Progress()).of_one_behaviour()
    start = start_of(plan, known_to(plan.init))
    if start.known is None:
        raise UsageError(f"{plan.init} does not say where its behaviours lie; scripts/fit_prototypes.py finds out")
    halved(start.model)
    truth = np.zeros((len(labels), start.outputs), dtype=bool)
    samples = Samples(labels, truth, start, plan.augmentation, np.arange(start.outputs), plan.seed, plan.workers)
    return labels, start, features(Views(samples, np.arange(len(labels)), 0), out, "cpu", Progress())[:, 0]


def _added(labels: Labels, start: Start, seen: FloatArray, new: str, count: int) -> list[dict[str, object]]:
    """A row for each recording that has so many examples of a behaviour: its first ones, evenly spread."""
    names = [name for name in start.behaviours if name != new] + [new]
    weight, bias = start.head_values()
    kept = [start.behaviours.index(name) for name in names[:-1]]
    before = Head(np.vstack([weight[kept], np.zeros(weight.shape[1])]), np.append(bias[kept], -np.inf))
    assert start.known is not None
    known = start.known.among(start.behaviours, names)
    shown = labels.rows["behaviour"].map({name: k for k, name in enumerate(names)}).to_numpy()
    group, rows = labels.rows["group"].to_numpy(), []
    for one in np.unique(group[shown == len(kept)]):
        there = np.flatnonzero((group == one) & (shown == len(kept)))
        if len(there) < count:
            continue
        few = there[np.linspace(0, len(there) - 1, count).astype(np.int64)]
        made = beside(seen[few][:, None], np.full(count, len(kept)), group[few].tolist(), before, known)
        judged = (group != one) & np.isfinite(shown)
        told = [head.logits(seen[judged]).argmax(axis=1) for head in (before, made.head)]
        true = shown[judged]
        old, found = true < len(kept), told[1] == len(kept)
        rows.append(
            {
                "new": new,
                "examples": count,
                "recording": one,
                "others_right_before": (told[0] == true)[old].mean(),
                "others_right": (told[1] == true)[old].mean(),
                "others_told_so": found[old].mean(),
                "recall": found[~old].mean(),
                "precision": (~old)[found].mean() if found.any() else np.nan,
                "examples_found": (made.examples[len(kept)].found or 0) / count,
            }
        )
    return rows


if __name__ == "__main__":
    sys.exit(main())
