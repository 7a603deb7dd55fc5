"""Inputs of the figures that other programs were asked for: a made sequence, and real detections plainly linked."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import boxes
from pipeline.formats.mot import read_mot
from pipeline.tables import BOX

LEAST_IOU = 0.3  # of a link
SEQUENCES = ("ADL-Rundle-6", "ETH-Bahnhof", "KITTI-13", "PETS09-S2L1", "TUD-Campus", "TUD-Stadtmitte")


def linked(found: pd.DataFrame) -> pd.DataFrame:
    """The plainest tracker: each box takes the track of the last frame's free box it overlaps most, or begins one.

    Boxes by frame and place in the table; tracks from 1. ``found`` has ``frame x1 y1 x2 y2``.
    """
    table = found.sort_values("frame", kind="stable").reset_index(drop=True)
    track = np.zeros(len(table), dtype=np.int64)
    before = table[:0]
    for frame, now in table.groupby("frame", sort=True):
        near = before[before["frame"] == int(frame) - 1]
        free = np.ones(len(near), dtype=bool)
        overlap = boxes.iou(now[BOX].to_numpy(np.float64), near[BOX].to_numpy(np.float64))
        for row, values in zip(now.index, overlap, strict=True):
            best = int(np.argmax(np.where(free, values, -1.0))) if free.any() else -1
            if best >= 0 and values[best] >= LEAST_IOU:
                free[best] = False
                track[row] = track[near.index[best]]
            else:
                track[row] = track.max() + 1
        before = now
    return table.assign(track=track)


def sequence(real: Path, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The truth of a MOT15 sequence, and its public detections, linked."""
    folder = real / "mot" / name
    truth = read_mot(folder / "gt" / "gt.txt").rename(columns={"given_id": "track"}).assign(counts=True)
    return truth, linked(read_mot(folder / "det" / "det.txt").drop(columns="given_id"))


def made() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Twelve frames of two animals that cross and a third that comes late, and tracks with a fault of every kind.

    Animal 1 walks right, 2 left, 3 stands from frame 6 on; all 40 x 30 px. Track 11 follows 1, some pixels off, and
    goes over to 2 where they cross; track 12 follows 2 until then and is lost for two frames; track 13 follows 1 after
    the crossing; track 14 follows 3 with an overlap of a half; track 15 is of nobody.
    """
    truth = [(1, k, 10.0 * k, 0.0) for k in range(12)] + [(2, k, 110.0 - 10.0 * k, 10.0) for k in range(12)]
    truth += [(3, k, 300.0, 50.0) for k in range(6, 12)]
    found = [(11, k, 10.0 * k + k % 3, 1.0) for k in range(6)] + [(11, k, 112.0 - 10.0 * k, 10.0) for k in range(6, 12)]
    found += [(12, k, 110.0 - 10.0 * k, 12.0) for k in range(6) if k not in (2, 3)]
    found += [(13, k, 10.0 * k + 4.0, 0.0) for k in range(7, 12)]
    found += [(14, k, 300.0 + 2.0 * (k - 5), 55.0) for k in range(6, 12)] + [(15, k, 500.0, 0.0) for k in range(3, 6)]
    return _table(truth).assign(counts=True), _table(found)


def _table(rows: list[tuple[int, int, float, float]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["track", "frame", "x1", "y1"])
    return table.assign(x2=table["x1"] + 40.0, y2=table["y1"] + 30.0)


def scattered() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forty frames of 0 to 5 true boxes of 8 to 200 px, and detections: most of them near one, some of nothing.

    Every true box is of one of two species, which one detection in ten takes for the other. All scores differ.
    """
    rng = np.random.RandomState(7)
    truth, found = [], []
    for frame in range(40):
        for _ in range(rng.randint(0, 6)):
            x, y = rng.uniform(0, 800, 2)
            side, kind = 8 * 25 ** rng.uniform(), rng.randint(0, 2)
            truth.append((frame, x, y, x + side, y + 0.8 * side, kind))
            for _ in range(rng.choice([0, 1, 1, 1, 1, 2])):
                near = np.array([x, y, x + side, y + 0.8 * side]) + rng.normal(0, 0.06 * side, 4)
                found.append((frame, *near, kind if rng.uniform() < 0.9 else 1 - kind, rng.uniform(0.3, 1)))
        for _ in range(rng.randint(0, 3)):
            x, y = rng.uniform(0, 800, 2)
            found.append((frame, x, y, x + 50, y + 40, rng.randint(0, 2), rng.uniform(0, 0.8)))
    species = np.array(["zebra", "giraffe"])
    true = pd.DataFrame(truth, columns=["frame", *BOX, "species"])
    told = pd.DataFrame(found, columns=["frame", *BOX, "species", "score"])
    return (
        true.assign(species=species[true["species"]], counts=True),
        told.assign(species=species[told["species"]]),
    )
