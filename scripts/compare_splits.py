"""What an official split says of a recognizer, beside what recordings say that it never saw.

    python scripts/compare_splits.py CLIPS OUT [split.official=val] [split.by=recording] [key=value ...]

CLIPS is a folder with clips.csv whose column split has an official split, or a public data set that comes with one. The
same training, ``ethopipe train`` with the settings given, is done twice: OUT/official learns from its train and is
judged by its val (or test), OUT/apart learns from as many clips, as near as whole recordings (sessions, individuals,
species) allow, and is judged by those of all others. Both go on where they were stopped. The table has the figures of
both, and the share of the official split's held-out clips that leak: of one recording with clips learnt from, at the
same time of it, or nearly the same picture.
"""

import sys
from pathlib import Path

import pandas as pd

from pipeline.artifacts import read_object
from pipeline.chain.progress import Progress
from pipeline.cli import main
from pipeline.config import compose
from pipeline.errors import EthopipeError
from pipeline.plan import training_plan
from pipeline.recognizers.folder import read_card
from pipeline.training.labels import PARTS
from pipeline.training.leaks import FILE
from pipeline.training.train import labels_of

NAMES = ("official", "apart")


def run(clips: str, out: Path, words: list[str]) -> int:
    """Train twice, print the figures; the first exit code that is not 0."""
    judged = next((word.partition("=")[2] for word in words if word.startswith("split.official=")), PARTS[1])
    others = [word for word in words if not word.startswith(("split.official=", "split.by="))]
    by = [word for word in words if word.startswith("split.by=")]
    try:
        plain = [f"data={clips}", f"out={out}", *(word for word in others if not word.startswith("split."))]
        split = labels_of(training_plan(compose("train", plain)), Progress()).rows["split"]
    except EthopipeError as error:
        print(error, file=sys.stderr)
        return 1
    held_out = (split != PARTS[0]).mean()
    kinds = {"official": [f"split.official={judged}"], "apart": [f"split.held_out={held_out:.6f}", *by]}
    for name in NAMES:
        if code := main(["train", f"data={clips}", f"out={out / name}", *kinds[name], *others]):
            return code
    print(compared(out).to_string(float_format="%.3f", na_rep="-"))
    return 0


def compared(out: Path) -> pd.DataFrame:
    """The figures of both cards, a column each, and the share of the held-out clips that leak."""
    columns = {}
    for name in NAMES:
        leaks = read_object(out / name / "training" / FILE)
        share = {"held-out clips that leak": sum(leaks["counts"].values()) / leaks["held"]} if leaks else {}
        columns[name] = pd.Series(read_card(out / name).metrics | share)
    return pd.DataFrame(columns).reindex(columns["official"].index)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
