"""What a recognizer must not be judged by: what it learnt from, under whatever name.

Units are held out whole, so a leak is a recording that was named wrongly, or a split that somebody else made. A
held-out clip leaks where a clip that is learnt from shows the same time of the same video, is of the same recording at
another time, or shows nearly the same picture; the first of these that holds is told. A copy of a file is the file.
"""

import logging
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import read_object
from pipeline.errors import UsageError
from pipeline.training.alike import Hashes, alike
from pipeline.training.labels import ARRAY, Labels
from pipeline.training.units import RECORDING
from pipeline.types import IntArray

FILE = "leaks.json"  # beside the checkpoints: a training that goes on need not look again
VERSION = 2  # of what is looked for
TIME, PLACE, PICTURE = "the same time of a video", "one recording", "nearly the same picture"
_VERBS = {TIME: "show", PLACE: "are of", PICTURE: "show"}
_SHOWN = 3  # pairs that are named
_TOUCH_S = 0.001  # clips that overlap by less only touch

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Leaks:
    """The verdict on one split of some clips: how many of those held out leak, by kind, and some pairs in words."""

    of: str  # the digest of clips and split
    held: int
    counts: dict[str, int]
    shown: list[str]

    def __str__(self) -> str:
        if not self.counts:
            return f"no leak was found in {self.held} held-out clips"
        kinds = "; ".join(f"{count} {_VERBS[kind]} {kind}" for kind, count in self.counts.items())
        return f"of {self.held} held-out clips, compared with those learnt from, {kinds}"


def check_leaks(
    labels: Labels,
    learnt: IntArray,
    held: IntArray,
    official: bool = False,
    working: Path | None = None,
    hashes: Hashes | None = None,
) -> Leaks:
    """Which held-out clips leak. ``UsageError`` that names some of them, but for an ``official`` split.

    ``working`` is a training's folder, whose verdict counts where it is on the same clips and the same split.
    ``hashes`` keeps what was seen of the clips, for other splits of them.
    """
    digest = sha256(f"{VERSION} {official} {labels.digest}".encode() + learnt.tobytes() + b"|" + held.tobytes())
    kept = read_object(working / FILE) if working else {}
    if kept.get("of") == digest.hexdigest():
        return Leaks(**kept)
    found = _leaks(hashes or Hashes(labels), learnt, held, thorough=official)
    pairs = [(kind, twin, clip) for kind, twins in found.items() for clip, twin in twins.items()]
    shown = [_pair(labels.rows, *pair) for pair in pairs[:_SHOWN]]
    if pairs and not official:
        raise UsageError(
            f"clips to learn from are also among those to judge by: {'; '.join(shown)}; give clips of one recording "
            "one group, or set check_leaks=false where that is meant so"
        )
    counts = {kind: len(twins) for kind, twins in found.items() if twins}
    leaks = Leaks(digest.hexdigest(), len(held), counts, shown)
    if pairs:
        log.warning("%s, as %s", leaks, shown[0])
    return leaks


def _leaks(hashes: Hashes, learnt: IntArray, held: IntArray, thorough: bool) -> dict[str, dict[int, int]]:
    """For each kind the held-out clips that leak so, and a clip learnt from that each is a twin of.

    Pictures, which take long, are only looked at where nothing else leaks, unless ``thorough``.
    """
    rows = hashes.labels.rows
    cut, kept = _footage(rows, rows["path"].map(hashes.copies))
    found = {TIME: _overlapping(kept, learnt, held) | _overlapping(cut, learnt, held)}
    found[PLACE] = _of_one([cut["name"], kept["name"], rows[RECORDING]], learnt, held)
    found[PLACE] = {clip: twin for clip, twin in found[PLACE].items() if clip not in found[TIME]}
    told = [*found[TIME], *found[PLACE]]
    if thorough or not told:
        found[PICTURE] = alike(hashes, learnt, np.setdiff1d(held, told))
    return found


def _footage(rows: pd.DataFrame, files: "pd.Series[str]") -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each clip was cut from, and what it is kept in: ``name`` and ``start_s stop_s`` there.

    It is kept in one of ``files``, or a row of it; where no video is named it was cut from that. No time is known, and
    none overlaps, where a clip's video is named without seconds.
    """
    packed = rows["path"].str.lower().str.endswith(ARRAY)
    own = files.where(~packed, files + " row " + rows["row"].astype("str"))
    kept = pd.DataFrame({"name": own, "start_s": rows["start_s"].fillna(0.0), "stop_s": rows["stop_s"].fillna(np.inf)})
    cut = rows[["video", "video_start_s", "video_stop_s"]].set_axis(kept.columns, axis=1)
    return cut.where(rows["video"] != "", kept), kept


def _overlapping(footage: pd.DataFrame, learnt: IntArray, held: IntArray) -> dict[int, int]:
    """Held-out clips that show a time of a video which a clip learnt from shows too."""
    ours, theirs = footage.iloc[learnt].assign(clip=learnt), footage.iloc[held].assign(clip=held)
    of_name, found = dict(list(ours.groupby("name"))), {}
    for name, own in theirs.groupby("name"):
        if (others := of_name.get(name)) is None:
            continue
        starts, stops = (others[side].to_numpy() for side in ("start_s", "stop_s"))
        for start, stop, clip in zip(own["start_s"], own["stop_s"], own["clip"].tolist(), strict=True):
            over = (starts < stop - _TOUCH_S) & (stops > start + _TOUCH_S)
            if over.any():
                found[clip] = int(others["clip"].iloc[int(over.argmax())])
    return found


def _of_one(names: "list[pd.Series[str]]", learnt: IntArray, held: IntArray) -> dict[int, int]:
    """Held-out clips that have one of their names in common with a clip learnt from."""
    found: dict[int, int] = {}
    for name in names:
        first = pd.Series(learnt, index=name.iloc[learnt]).groupby(level=0).first()
        twin = name.iloc[held].map(first)
        found |= {
            clip: int(one) for clip, one in zip(held.tolist(), twin, strict=True) if one == one and clip not in found
        }
    return found


def _pair(rows: pd.DataFrame, kind: str, twin: int, clip: int) -> str:
    return f"{_named(rows.iloc[twin])} and {_named(rows.iloc[clip])} {_VERBS[kind]} {kind}"


def _named(row: "pd.Series[Any]") -> str:
    """A clip as its user knows it."""
    at = f" row {row['row']:.0f}" if not np.isnan(row["row"]) else ""
    since = f" from {row['start_s']:g} s" if not np.isnan(row["start_s"]) else ""
    return f"{row['path']}{at}{since} (group {row['group']})"
