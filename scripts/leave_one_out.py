"""Do a few real clips help the embedded recognizer? Each is left out once, and told by a head fitted to the others.

    python scripts/leave_one_out.py REAL OUT

REAL is the folder of real footage; its ``miniscenes/kabr`` holds one clip of each behaviour of KABR. The network stays
as it is (``fit=probe``): its head is held near what it learnt from rendered clips, and the behaviour of the clip left
out, of which no other clip is there, keeps its own row. So this asks whether seven real clips of *other* behaviours
make the eighth any clearer, no more. Prints, and writes to OUT/leave_one_out.csv, what the embedded model and the
fitted heads say of each clip, for several strengths of holding on. Eight clips are few: shares have the 95 % interval
of Wilson (1927, JASA 22:209-212). A prototype of a behaviour needs a clip of it, so with one clip of each there is none
to leave out: ``miniscenes/baboonland``, one clip of each too, cannot be judged at all. Where every behaviour is in two
recordings or more, ``ethopipe train split.folds=N`` leaves out one of N at a time.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from pipeline.boxes import FloatArray
from pipeline.chain.progress import Silent
from pipeline.config import compose
from pipeline.errors import EthopipeError
from pipeline.formats.scores import KABR
from pipeline.plan import training_plan
from pipeline.training.features import Views, features
from pipeline.training.frozen import out_of_fold
from pipeline.training.labels import NAME, read_labels
from pipeline.training.network import from_model
from pipeline.training.probe import Head, ProbeSettings
from pipeline.training.samples import Samples

MODEL = "savanna_videomae"
STRENGTHS = (0.01, 0.1, 1.0, 10.0)


def main() -> int:
    """Look once, leave out in turn, print; 1 where something cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--views", type=int, default=8)
    given = parser.parse_args()
    try:
        samples = _samples(given.real / "miniscenes" / "kabr", given.out)
        clips = np.arange(len(samples.labels), dtype=np.int64)
        seen = features(Views(samples, clips, given.views - 1), given.out, "cpu", Silent())
    except EthopipeError as error:
        print(error, file=sys.stderr)
        return 1
    table = told(samples, seen)
    table.to_csv(given.out / "leave_one_out.csv", index=False)
    print(table.to_string(index=False), "", *(share(table, name) for name in table.columns[2:]), sep="\n")
    return 0


def _samples(clips: Path, out: Path) -> Samples:
    """The clips as training sees them: the behaviour stands in the name, G0073-Head_Up.gif."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for path in sorted(clips.glob("*.gif")):
        link = out / path.name
        link.unlink(missing_ok=True)
        link.symlink_to(path.resolve())
        rows.append({"path": path.name, "behaviour": path.stem.split("-", 1)[1].replace("_", " "), "group": path.stem})
    pd.DataFrame(rows, columns=["path", "behaviour", "group"]).to_csv(out / NAME, index=False)
    labels = read_labels(out)
    start = from_model(MODEL, KABR, 1.0, 0)
    plan = training_plan(compose("train", [f"data={out}", f"out={out}"]))
    mirror = np.arange(len(start.behaviours), dtype=np.int64)
    return Samples(labels, labels.truth(start.behaviours), start, plan.augmentation, mirror, 0)


def told(samples: Samples, seen: FloatArray) -> pd.DataFrame:
    """What each head says of each clip: the embedded one, and those fitted to all other clips."""
    names, clips = np.array(samples.start.behaviours, dtype=object), np.arange(len(samples.labels), dtype=np.int64)
    made = {"clip": samples.labels.rows["group"].tolist(), "true": names[samples.truth.argmax(axis=1)]}
    made["embedded"] = names[Head(*samples.start.head_values()).logits(seen[:, 0]).argmax(axis=1)]
    folds = [(np.delete(clips, clip), clips[[clip]]) for clip in clips]
    for strength in STRENGTHS:
        found = out_of_fold(samples, seen, folds, ProbeSettings(seen.shape[1], 0.0, strength, None))
        made[f"strength {strength:g}"] = names[found.argmax(axis=1)]
    return pd.DataFrame(made)


def share(table: pd.DataFrame, name: str) -> str:
    """How many clips are right."""
    right, n = int((table["true"] == table[name]).sum()), len(table)
    limits = binomtest(right, n).proportion_ci(method="wilson")
    return f"{name}: {right} of {n} right, {right / n:.2f} [{limits.low:.2f}, {limits.high:.2f}]"


if __name__ == "__main__":
    sys.exit(main())
