"""How many labelled clips are enough? A probe, prototypes, the last layers and all weights, from few clips and many.

    python scripts/learning_curves.py OUT data=CLIPS [key=value ...] --counts 5 20 100 --fits prototypes probe last full

The words after OUT are those of ``ethopipe train``: clips.csv, a public data set, or a run and its labels; ``init`` is
the embedded model unless they name another. A third of the groups is laid aside; of the others so many clips of each
behaviour are taken, spread over the groups, as ``ethopipe train`` would get them, which holds out some of them itself.
Each model is judged by all clips of the groups laid aside, with ``ethopipe evaluate``: OUT/curves.csv has macro top-1
and top-1 with 95 % intervals over these groups (from six groups on), the seconds of training, and the clips a second
that the model looks at when it is judged; OUT/curves.png shows them. ``embedded`` among the fits is the model as it
comes, where it has the behaviours.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax

from pipeline.chain.progress import Progress, Silent
from pipeline.config import compose
from pipeline.errors import EthopipeError
from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.outcomes import Outcomes
from pipeline.plan import evaluation_plan, training_plan
from pipeline.report import style
from pipeline.training.judge import Judged, logits_of
from pipeline.training.labels import NAME, Labels
from pipeline.training.samples import Samples
from pipeline.training.train import labels_of, start_of, train
from pipeline.types import IntArray

ASIDE = 1 / 3
EMBEDDED = "savanna_videomae"
_OF_DATA = ("data", "labels", "old2new", "classes", "frame_rate", "scenes")


def main(words: list[str] | None = None) -> int:
    """Train every fit from every number of clips, judge, write and draw; 1 where something cannot be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("settings", nargs="+")
    parser.add_argument("--counts", type=int, nargs="+", default=[5, 20, 100])
    parser.add_argument("--fits", nargs="+", default=["prototypes", "probe", "last", "full"])
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(words)
    try:
        rows = curves(given)
    except EthopipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    with style.styled():
        draw(rows, given.out / "curves.png")
    return 0


def curves(given: argparse.Namespace) -> pd.DataFrame:
    """The figures, a row for each number of clips and each fit, as ``curves.csv`` has them."""
    of_data = [word for word in given.settings if word.partition("=")[0] in _OF_DATA]
    labels, _ = labels_of(
        training_plan(compose("train", [*of_data, f"out={given.out}"])), Progress()
    ).of_one_behaviour()
    rows = []
    words = [word for word in given.settings if word not in of_data]
    words += [f"about.close={str(labels.close).lower()}"] if labels.close is not None else []
    aside, left = laid_aside(labels, given.seed)
    for count in given.counts:
        data = taken(labels, left, count, given.out / f"clips_{count}", given.seed)
        for fit in given.fits:
            model, started = given.out / f"{fit}_{count}", time.perf_counter()
            if fit != "embedded":
                said = [f"data={data}", f"out={model}", f"init={EMBEDDED}", f"fit={fit}", f"seed={given.seed}"]
                train(training_plan(compose("train", [*said, *words])), Silent())
            spent = time.perf_counter() - started
            name = EMBEDDED if fit == "embedded" else str(model)
            rows.append({"fit": fit, "clips": count, "train_s": spent} | judged(labels, name, aside, model))
            Progress().say(str(rows[-1]))
            pd.DataFrame(rows).to_csv(given.out / "curves.csv", index=False, float_format="%.4g")
    return pd.DataFrame(rows)


def laid_aside(labels: Labels, seed: int) -> tuple[IntArray, IntArray]:
    """Numbers of the clips of a third of the groups, and of all others."""
    groups = np.random.default_rng(seed).permutation(sorted(set(labels.rows["group"])))
    out = labels.rows["group"].isin(groups[: max(1, round(ASIDE * len(groups)))]).to_numpy()
    return np.flatnonzero(out).astype(np.int64), np.flatnonzero(~out).astype(np.int64)


def taken(labels: Labels, left: IntArray, count: int, folder: Path, seed: int) -> Path:
    """A folder with ``count`` clips of each behaviour, the groups taking turns; all there are where they are fewer."""
    rows = labels.rows.iloc[np.random.default_rng([seed, count]).permutation(left)]
    rows = rows.iloc[np.argsort(rows.groupby(["behaviour", "group"]).cumcount().to_numpy(), kind="stable")]
    rows = rows[rows.groupby("behaviour").cumcount() < count].sort_index()
    for path in set(rows["path"]):
        link = folder / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to((labels.folder / path).resolve())
    rows.to_csv(folder / NAME, index=False)
    return folder


def judged(labels: Labels, model: str, aside: IntArray, out: Path) -> dict[str, Any]:
    """Figures of a model over the clips laid aside, as ``ethopipe evaluate`` gives them, and how fast it looks."""
    words = [f"data={labels.folder}", f"out={out}", f"init={model}", "augmentation=none"]
    plan = training_plan(compose("train", words))
    start = start_of(plan, labels.behaviours)
    truth = labels.truth(start.behaviours)
    samples = Samples(labels, truth, start, plan.augmentation, np.arange(len(start.behaviours), dtype=np.int64), 0)
    started = time.perf_counter()
    logits = logits_of(samples, aside, 16, "cpu", Silent())
    rate = len(aside) / (time.perf_counter() - started)
    out.mkdir(parents=True, exist_ok=True)
    rows = labels.rows.iloc[aside]
    outcomes = Outcomes(start.behaviours, softmax(logits, axis=1), truth[aside], rows["group"].to_numpy(object))
    Judged(outcomes, outcomes, rows, exclusive=True).table.to_csv(out / "aside.csv", index=False)
    words = [f"scores={out / 'aside.csv'}", f"out={out / 'aside'}"]
    made = evaluate(evaluation_plan(compose("evaluate", words)), Silent())
    figures = {name: made["figures"][name] for name in ("macro_top1", "top1")}
    told = {name + end: value[of] for name, value in figures.items() for end, of in _LIMITS.items()}
    return told | {"clips_per_s": rate, "judged": made["clips"], "groups": made["units"]}


_LIMITS = {"": "value", "_low": "low", "_high": "high"}


def draw(rows: pd.DataFrame, path: Path) -> None:
    """Macro top-1 over the number of clips, a line a fit."""
    figure = style.sheet(6.4, 4.4)
    axes = style.panel(figure, 0.8, 0.8, 4.2, 2.9)
    for fit, own in rows.groupby("fit", sort=False):
        axes.plot(own["clips"], own["macro_top1"], "o-", markersize=4, label=str(fit))
        low, high = (own[f"macro_top1_{end}"].to_numpy(dtype=np.float64) for end in ("low", "high"))
        axes.fill_between(own["clips"], low, high, alpha=0.15)
    counts = sorted(set(rows["clips"]))
    axes.set_xscale("log")
    axes.set_xticks(counts, [str(n) for n in counts])
    axes.minorticks_off()
    axes.set_ylim(0, 1)
    axes.set_xlabel("labelled clips of each behaviour")
    axes.set_ylabel("macro top-1")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1.0))
    style.head(figure, "How many labelled clips are enough?")
    style.foot(figure, "clips of groups that no model learnt from; bands: 95 % over resampled groups")
    style.save(figure, path, 150)


if __name__ == "__main__":
    sys.exit(main())
