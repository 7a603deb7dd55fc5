"""Clips to train a recognizer on, cut from whole films as a run cuts its windows.

A clip of ``example_clips.py`` has a camera of its own and is drawn from everything that may be; these are what a run
sees of a film: its animals beside one another and behind the plants, in as many pixels and bits as its camera gives
them.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from pipeline.boxes import FloatArray
from pipeline.crops import cut
from pipeline.miniscenes import CROP, MiniSceneSettings, mini_scenes
from pipeline.simulate.example_clips import Clip, landmarks_in, told
from pipeline.simulate.film import filmed
from pipeline.simulate.scene import Take, prepare
from pipeline.simulate.settings import Scene
from pipeline.simulate.truth import animals_table
from pipeline.tables import BOX
from pipeline.types import Image, IntArray, Video
from pipeline.video.frames import Footage

FOLLOWED = 0.15  # least share of an animal that is inside the picture where a clip follows it
INSIDE = 0.4  # the same at the clip's middle
OVERLAP = 4  # frames that a clip shares with the next of its animal
LATEST = 8  # frames that its first may begin late
# boxes are as far off as a detector's: shares of a side that last, and that do not; pixels
WANDER, WANDER_KEPT, SHAKE, SHAKE_PX = 0.03, 0.8, 0.01, 0.4
SMALLEST_PX = 3


@dataclass(frozen=True)
class _Span:
    """A clip to be cut: whose, which frames [T], where in them [T, 4], what is done at their middle and in each."""

    track: int
    at: IntArray
    crops: IntArray
    behaviour: str
    moments: tuple[str, ...]


def film_clips(
    scene: Scene,
    seed: int,
    rng: np.random.Generator,
    most: int,
    count: int,
    width: int,
    height: int,
    miniscene: MiniSceneSettings,
) -> Iterator[Clip]:
    """Clips of ``count`` frames that follow one another in the scene's film, at most ``most`` of a behaviour.

    ``miniscene``: how a run with the recognizer frames its animals (``miniscenes.fitted``). The same arguments give
    the same clips.
    """
    take = prepare(scene, seed)
    with TemporaryDirectory() as folder:
        video = Path(folder) / "film.mp4"
        animals = animals_table(filmed(scene, take, video, 1))
        spans = _few(_spans(mini_scenes(_followed(animals, rng), miniscene), animals, count, rng), most, rng)
        images = _cut(video, spans, width, height)
    for span, seen in zip(spans, images, strict=True):
        species = take.species[span.track - 1]
        yield Clip(seen, span.behaviour, span.moments, species, _landmarks(take, span, width, height))


def _followed(animals: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The animals' tracks (``track frame time_s`` and the box), with boxes about as good as a detector's."""
    inside = animals[animals["inside"] > FOLLOWED].sort_values(["track", "frame"])
    tracks = inside[["track", "frame", "time_s", *BOX]].copy()
    tracks[BOX] = np.concatenate([_shaken(rows[BOX].to_numpy(), rng) for _, rows in tracks.groupby("track")])
    return tracks


def _shaken(boxes: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Boxes [n, 4] whose edges wander (an autoregression) and shake; those that would vanish stay as they are."""
    shape = boxes.shape
    steps = rng.normal(0, WANDER * np.sqrt(1 - WANDER_KEPT**2), shape)
    steps[0] = rng.normal(0, WANDER, 4)
    off = lfilter([1.0], [1.0, -WANDER_KEPT], steps, axis=0) + rng.normal(0, SHAKE, shape)
    shaken = boxes + off * np.tile(boxes[:, 2:] - boxes[:, :2], 2) + rng.normal(0, SHAKE_PX, shape)
    vanishing = (shaken[:, 2:] - shaken[:, :2] < SMALLEST_PX).any(axis=1)
    return np.where(vanishing[:, None], boxes, shaken)


def _spans(scenes: pd.DataFrame, animals: pd.DataFrame, count: int, rng: np.random.Generator) -> list[_Span]:
    """Every clip of the film, animal by animal."""
    true = animals.set_index(["track", "frame"])
    spans = []
    for _, rows in scenes.groupby(["track", "segment"]):
        track, at, crops = int(rows["track"].iloc[0]), rows["frame"].to_numpy(), rows[CROP].to_numpy()
        for start in range(int(rng.integers(LATEST)), len(at) - count + 1, count - OVERLAP):
            here = slice(start, start + count)
            shown = true.loc[[(track, frame) for frame in at[here]]]
            if shown["inside"].iloc[count // 2] >= INSIDE:
                spans.append(_Span(track, at[here], crops[here], *_told(shown)))
    return spans


def _told(rows: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """What is done at the middle of rows of the truth, and in each."""
    return told(rows["scheduled"].to_numpy(), rows["head_inside"].to_numpy(), rows["visible"].to_numpy())


def _few(spans: list[_Span], most: int, rng: np.random.Generator) -> list[_Span]:
    """At most ``most`` of a behaviour, in their order."""
    done = np.array([span.behaviour for span in spans])
    kept = [rng.permutation(np.flatnonzero(done == name))[:most] for name in np.unique(done)]
    return [spans[number] for number in sorted(np.concatenate(kept).tolist())] if kept else []


def _cut(video: Path, spans: list[_Span], width: int, height: int) -> list[Image]:
    """The pictures [T, height, width, 3] of each clip."""
    images = [np.zeros((len(span.at), height, width, 3), dtype=np.uint8) for span in spans]
    wanted: dict[int, list[tuple[int, int]]] = defaultdict(list)  # frame -> which clips, and which of their frames
    for number, span in enumerate(spans):
        for step, frame in enumerate(span.at.tolist()):
            wanted[frame].append((number, step))
    for picture in Footage(Video("film", video)).frames(np.array(sorted(wanted), dtype=np.int64)):
        for number, step in wanted[picture.index]:
            images[number][step] = cut(picture.image, spans[number].crops[step], width, height)
    return images


def _landmarks(take: Take, span: _Span, width: int, height: int) -> FloatArray:
    """Pixels [T, 8, 2] of the animal's landmarks in its clip."""
    views = [take.views[moment] for moment in span.at.tolist()]
    pixels = landmarks_in(views, take.stage.animals[span.track - 1], span.at)
    corner, beyond = span.crops[:, None, :2], span.crops[:, None, 2:]
    return (pixels - corner) * [width, height] / (beyond - corner)
