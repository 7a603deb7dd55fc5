"""The second pass over a video: cut what the windows need, once, and let the recognizer score them."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.crops import cut
from pipeline.errors import ModelError
from pipeline.miniscenes import CROP, MiniSceneSettings
from pipeline.recognizers import Recognizer
from pipeline.recognizers.card import Card
from pipeline.tables import SCORE_PREFIX, SCORES, SPECIES_PREFIX
from pipeline.types import Advance, Frame, Frames, Image, IntArray, Window

log = logging.getLogger(__name__)


def look(
    frames: Frames,
    windows: Sequence[Window],
    scenes: pd.DataFrame,
    settings: MiniSceneSettings,
    recognizer: Recognizer,
    advance: Advance,
) -> pd.DataFrame:
    """Scores of all windows of a video, or of each moment of them (``card.moments``), as ``tables.SCORES`` with one
    ``p_<behaviour>`` column each, and one ``species_<species>`` where the recognizer tells species.

    ``frames`` (``Footage.frames``) is asked once, for the frames that windows need, and not at all where the recognizer
    reads no pixels. Memory holds the crops between the first and the last sample of the unfinished windows (animals in
    sight x samples of a window, fewer where windows share frames) and one batch of windows, whatever the video's
    length. Batches are filled in the order in which windows end, then by track, so the same plan always gives the same
    batches. Windows that the footage breaks off are left out with a warning; those that get no score are counted in
    one. ``advance`` is told of every window.

    The caller has called ``recognizer.begin``.
    """
    reads = recognizer.reads_pixels
    ready = _filled(frames, windows, scenes, settings) if reads else iter(windows)
    rows: list[tuple[int, int, int, float, bool]] = []
    scores = [np.zeros((0, recognizer.card.outputs))]
    while batch := list(islice(ready, recognizer.batch)):
        scores.append(_checked(recognizer, batch))
        moments = [moment for window in batch for moment in window.moments(recognizer.card.moments)]
        rows += [(m.track, m.start_frame, m.stop_frame, float(m.times_s[0]), m.repeated) for m in moments]
        advance(len(batch))
    looked_at = len(rows) // recognizer.card.moments
    if looked_at < len(windows):
        log.warning("%d of %d windows left out: the footage broke off", len(windows) - looked_at, len(windows))
        advance(len(windows) - looked_at)
    found = np.concatenate(scores)
    behaviours = len(recognizer.card.behaviours)
    of_windows = found[:, :behaviours].reshape(looked_at, behaviours * recognizer.card.moments)
    if silent := int((of_windows == 0).all(axis=1).sum()):
        log.warning("%s gives no score for %d of %d windows: unknown there", recognizer.card.name, silent, looked_at)
    return _table(rows, found, recognizer.card)


def _checked(recognizer: Recognizer, batch: list[Window]) -> FloatArray:
    """The batch's probabilities; ``ModelError`` where they are none."""
    scores = recognizer.score(batch)
    expected = (len(batch) * recognizer.card.moments, recognizer.card.outputs)
    if scores.shape != expected:
        raise ModelError(f"model {recognizer.card.name}: expected scores {list(expected)}, got {list(scores.shape)}")
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ModelError(
            f"model {recognizer.card.name} gives scores that are not probabilities: NaN, or outside 0 to 1; "
            "try runtime.half=false"
        )
    return scores


def _filled(
    frames: Frames, windows: Sequence[Window], scenes: pd.DataFrame, settings: MiniSceneSettings
) -> Iterator[Window]:
    """The windows with their images, in the order in which they end."""
    waiting = sorted(windows, key=lambda window: (window.frames[-1], window.track, window.start_frame))
    cutting = _Cutting.of(windows, scenes, settings)
    done = 0
    for frame in frames(np.array(sorted(cutting.wanted), dtype=np.int64)):
        cutting.cut(frame)
        while done < len(waiting) and waiting[done].frames[-1] <= frame.index:
            images = cutting.take(waiting[done])
            if images is not None:
                yield replace(waiting[done], images=images)
            done += 1


@dataclass
class _Cutting:
    """The crops that unfinished windows still need, each cut once and dropped after its last use."""

    settings: MiniSceneSettings
    rectangles: IntArray  # [rows of the mini-scenes, 4]
    wanted: dict[int, list[tuple[int, int]]]  # frame -> (track, row of its rectangle)
    uses: Counter[tuple[int, int]]  # (track, frame) -> windows that still want it
    crops: dict[tuple[int, int], Image] = field(default_factory=dict)

    @classmethod
    def of(cls, windows: Sequence[Window], scenes: pd.DataFrame, settings: MiniSceneSettings) -> "_Cutting":
        uses = Counter((window.track, frame) for window in windows for frame in set(window.frames.tolist()))
        wanted: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for row, key in enumerate(zip(scenes["track"].tolist(), scenes["frame"].tolist(), strict=True)):
            if key in uses:
                wanted[key[1]].append((key[0], row))
        return cls(settings, scenes[CROP].to_numpy(dtype=np.int64), wanted, uses)

    def cut(self, frame: Frame) -> None:
        """Cut what is wanted of this frame."""
        for track, row in self.wanted.pop(frame.index, []):
            crop = cut(frame.image, self.rectangles[row], self.settings.width_px, self.settings.height_px)
            self.crops[track, frame.index] = crop

    def take(self, window: Window) -> Image | None:
        """The window's images [T, H, W, 3]; None where the footage lacked one of its frames."""
        keys = [(window.track, frame) for frame in window.frames.tolist()]
        images = np.stack([self.crops[key] for key in keys]) if all(key in self.crops for key in keys) else None
        for key in set(keys):
            self.uses[key] -= 1
            if not self.uses[key]:
                del self.uses[key]
                self.crops.pop(key, None)
        return images


def _table(rows: list[tuple[int, int, int, float, bool]], scores: FloatArray, card: Card) -> pd.DataFrame:
    data = pd.DataFrame(rows, columns=["track", "start_frame", "stop_frame", "time_s", "repeated"])
    columns = [f"{SCORE_PREFIX}{name}" for name in card.behaviours]
    columns += [f"{SPECIES_PREFIX}{name}" for name in card.species]
    data = data.assign(**{name: scores[:, k] for k, name in enumerate(columns)})
    data = data[data["stop_frame"] > data["start_frame"]]  # of a repeated frame several moments are made
    return SCORES.cast(data.sort_values(["track", "start_frame", "stop_frame"], kind="stable"))
