"""How the embedded models do on real footage, which they never saw: labelled mini-scenes, and aerial stills.

    python scripts/evaluate_real.py REAL OUT [recognizer.model=FOLDER ...]

REAL is the folder of real footage. Its mini-scenes (``miniscenes/kabr``: the species' letters and the behaviour are in
each name) are run as ``ethopipe run REAL/miniscenes/kabr detector=whole recognizer=embedded`` does; further words are
settings of that run. A clip is called what has the highest mean probability over its windows. The embedded detector
then looks for the animal in the middle of each clip, and for whatever is in the ``stills``: OUT/stills has them with
the boxes drawn in. Eight clips are few: the interval beside the share (Wilson 1927, JASA 22:209-212) says how few.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from scipy.stats import binomtest

from pipeline import cli
from pipeline.artifacts import read_table
from pipeline.build import build
from pipeline.config import compose
from pipeline.detectors import Detector
from pipeline.errors import EthopipeError
from pipeline.ethology.palette import assigned
from pipeline.formats.scores import score_columns
from pipeline.report.colours import rgb
from pipeline.tables import SCORE_PREFIX, SCORES
from pipeline.types import Detections, Image
from pipeline.video.frames import ArrayFrame, Footage
from pipeline.video.source import find_videos

SPECIES = {"G": "giraffe", "ZG": "grevys_zebra", "ZP": "plains_zebra"}
STILL_TILES = [0, 640, 1280, 2560]
SHOWN = 5  # frames of a clip that the detector looks at


def main() -> int:
    """Run, look, print; 1 where something cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real", type=Path)
    parser.add_argument("out", type=Path)
    given, settings = parser.parse_known_args()
    try:
        clips = given.real / "miniscenes" / "kabr"
        told = recognized(clips, given.out / "miniscenes", settings)
        print(told.to_string(index=False, float_format="%.2f"), confusion(told), share(told), sep="\n\n")
        told.to_csv(given.out / "miniscenes.csv", index=False)
        print("\nthe animal in the middle of each clip\n", in_the_middle(_detector([0], 640), clips), sep="")
        print("\nstills\n", stills(given.real / "stills", given.out / "stills"), sep="")
    except EthopipeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def recognized(clips: Path, out: Path, settings: Sequence[str]) -> pd.DataFrame:
    """One row a clip: its true behaviour, the one found, and every behaviour's mean probability."""
    words = ["detector=whole", "recognizer=embedded", "overlay=false", f"out={out}"]
    if cli.main(["run", str(clips), *words, *settings]) != 0:
        raise EthopipeError(f"the run over {clips} failed; see {out / 'log.txt'}")
    rows = []
    for video in find_videos([str(clips)]):
        scores = read_table(out / "videos" / video.key / "scores.parquet", SCORES)
        mean = scores[score_columns(scores)].mean().rename(lambda name: name.removeprefix(SCORE_PREFIX))
        rows.append({"clip": video.path.stem, "true": _behaviour(video.path), "found": mean.idxmax(), **mean})
    return pd.DataFrame(rows)


def confusion(told: pd.DataFrame) -> str:
    """Clips by true and found behaviour."""
    return str(pd.crosstab(told["true"], told["found"]).to_string())


def share(told: pd.DataFrame) -> str:
    """How many clips are right, with the 95 % interval of Wilson, and how many have the truth among the first three."""
    right, n = int((told["true"] == told["found"]).sum()), len(told)
    names = [str(name) for name in told.columns[3:]]
    order = np.argsort(-told[names].to_numpy(np.float64), axis=1)[:, :3]
    among = sum(true in [names[k] for k in row] for true, row in zip(told["true"], order, strict=True))
    low, high = binomtest(right, n).proportion_ci(method="wilson")
    interval = f"top-1 {right} of {n} = {right / n:.3f} [{low:.2f}, {high:.2f}]"
    return f"{interval}; top-3 {among} of {n}; chance {1 / len(names):.3f}"


def in_the_middle(detector: Detector, clips: Path) -> str:
    """Of each clip: how many of the frames looked at have a box over their middle, and what it is called."""
    rows = []
    for video in find_videos([str(clips)]):
        footage = Footage(video)
        wanted = np.linspace(0, (footage.info.announced or 25) - 1, SHOWN).round().astype(np.int64)
        called = [_named(_seen(detector, frame.image), frame.image) for frame in footage.frames(wanted)]
        right = SPECIES[video.path.stem.split("-")[0].rstrip("0123456789")]
        found = [name for name in called if name]
        row = {"clip": video.path.stem, "frames": len(called), "found": len(found), "named": found.count(right)}
        rows.append(row | {"called": ", ".join(sorted(set(found)))})
    table = pd.DataFrame(rows)
    total = {"clip": "all", **{name: int(table[name].sum()) for name in ("frames", "found", "named")}, "called": ""}
    return str(pd.concat([table, pd.DataFrame([total])]).to_string(index=False))


def stills(folder: Path, out: Path) -> str:
    """What is found in each still, which is written to ``out`` with the boxes drawn in."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".png")):
        image = cv2.cvtColor(np.asarray(cv2.imread(str(path))), cv2.COLOR_BGR2RGB)
        seen = _seen(_detector(STILL_TILES, 1280), image)
        counts = pd.Series(seen.species).value_counts().to_dict()
        rows.append(
            {"still": path.name, "size": f"{image.shape[1]} x {image.shape[0]}", "animals": len(seen), **counts}
        )
        cv2.imwrite(str(out / f"{path.stem}.jpg"), cv2.cvtColor(_drawn(image, seen), cv2.COLOR_RGB2BGR))
    return str(pd.DataFrame(rows).fillna(0).to_string(index=False, float_format="%.0f"))


def _behaviour(path: Path) -> str:
    """``ZP0630-Head_Up.gif`` shows Head Up."""
    return path.stem.split("-", 1)[1].replace("_", " ")


def _detector(tiles: list[int], image_px: int) -> Detector:
    config = compose(
        "run", ["source=[x]", "detector=embedded", f"detector.image_px={image_px}", f"detector.tiles={tiles}"]
    )
    made: Any = build(config.detector)
    made.begin(None, None)  # a network remembers nothing of a video
    return made  # type: ignore[no-any-return]


def _seen(detector: Detector, image: Image) -> Detections:
    return detector.detect([ArrayFrame(0, 0.0, image)], np.eye(3)[None])[0]


def _named(seen: Detections, image: Image) -> str:
    """The species of the best box over the picture's middle; empty where there is none."""
    x, y = image.shape[1] / 2, image.shape[0] / 2
    over = (seen.xyxy[:, 0] <= x) & (seen.xyxy[:, 2] >= x) & (seen.xyxy[:, 1] <= y) & (seen.xyxy[:, 3] >= y)
    return str(seen.species[over][seen.score[over].argmax()]) if over.any() else ""


def _drawn(image: Image, seen: Detections) -> Image:
    """The picture with a box and the name of each animal found, a colour a species."""
    drawn, thick = image.copy(), max(1, round(max(image.shape) / 1200))
    for box, name, score in zip(seen.xyxy, seen.species, seen.score, strict=True):
        left, top, right, bottom = (round(float(edge)) for edge in box)
        colour = rgb(assigned(sorted(SPECIES.values()).index(name) if name in SPECIES.values() else 5))
        cv2.rectangle(drawn, (left, top), (right, bottom), colour, thick)
        cv2.putText(drawn, f"{name} {score:.2f}", (left, top - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.4 * thick, colour, thick)
    return drawn


if __name__ == "__main__":
    sys.exit(main())
