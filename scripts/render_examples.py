"""Render the examples that the embedded models learn from: ``clips`` for the recognizer, some of them as they are in a
run over the presets' ``films``; ``tiles`` for the detector.

    python scripts/render_examples.py clips OUT --scenes 300 --each 36
    python scripts/render_examples.py films OUT --scenes 120 --each 10
    python scripts/render_examples.py tiles OUT --scenes 300 --each 36

Scene k is drawn from seed 1,000,000 + ``--first`` + k and is a group of its own, so that held-out scenes are new ones.
The same arguments give the same bytes. Smaller seeds are never trained on: what ``simulate``, ``demo`` and the
evaluation film, nobody has learnt.
"""

import argparse
import math
import multiprocessing
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.build import build
from pipeline.chain.progress import Meter, Progress
from pipeline.config import SCENE, SETTINGS, compose
from pipeline.miniscenes import fitted
from pipeline.processes import cores, one_core
from pipeline.simulate.example_clips import Clip, clips
from pipeline.simulate.example_films import film_clips
from pipeline.simulate.example_tiles import Tile, tiles
from pipeline.simulate.examples import TRAINED_ON
from pipeline.tables import BOX
from pipeline.training.detector_tiles import write_tiles
from pipeline.training.packed import ClipWriter
from pipeline.types import Image

FRAMES, INTERVAL_S = 20, 0.8 / 6  # more and closer than the 16 frames 1/6 s apart that a window has
CLIP_SIZE = (144, 108)
FILMED = {"hover": 0.22, "orbit": 0.18, "crossing": 0.16, "occlusion": 0.2, "troop": 0.14, "herd70": 0.1}
FILMS = 77  # the stream of a seed that draws one of these, and how far its boxes are off
FILM_S, FILM_RATE = 14, "15/2"  # s; frames/s, as INTERVAL_S says
BUSY = 0.6  # share of the films in which everything is done about as often
TILE_PX = 320


def main() -> None:
    """Render and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("out", type=Path)
    parser.add_argument("--scenes", type=int, default=300)
    parser.add_argument(
        "--each", type=int, default=36, help="examples of a scene; of each behaviour in a film, at most"
    )
    parser.add_argument("--first", type=int, default=0, help="number of the first scene")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so many, with the scenes so far")
    parser.add_argument("--processes", type=int, default=cores())
    given = parser.parse_args()
    seeds = range(TRAINED_ON + given.first, TRAINED_ON + given.first + given.scenes)
    make, write = KINDS[given.kind]
    with (
        Progress().stage(given.kind, "scenes") as meter,
        multiprocessing.Pool(given.processes, initializer=one_core) as pool,
    ):
        meter.expect(given.scenes)
        scenes = zip(seeds, pool.imap(partial(make, given.each), seeds), strict=True)
        write(given.out, _counted(scenes, meter, 60 * given.minutes))


def _counted(scenes: Iterator[tuple[int, Any]], meter: Meter, limit_s: float) -> Iterator[tuple[int, Any]]:
    began = time.monotonic()
    for scene in scenes:
        yield scene
        meter.advance(1)
        if time.monotonic() - began > limit_s:
            return


def _clips(each: int, seed: int) -> list[Clip]:
    return list(clips(seed, each, FRAMES, INTERVAL_S, *CLIP_SIZE))


def _films(each: int, seed: int) -> list[Clip]:
    rng = np.random.default_rng([seed, FILMS])
    words = [f"scene={rng.choice(list(FILMED), p=list(FILMED.values()))}", f"scene.duration_s={FILM_S}"]
    words += [f"scene.rate={FILM_RATE}", *(["scene.schedule=busy"] if rng.random() < BUSY else [])]
    filmed = build(compose("simulate", words).scene, SCENE["scene"])
    framed = fitted(build(compose("run", []).miniscene, SETTINGS["miniscene"]), whole=False, close=True)
    return list(film_clips(filmed, seed, rng, each, FRAMES, *CLIP_SIZE, framed))


def _tiles(each: int, seed: int) -> list[Tile]:
    return list(tiles(seed, each, TILE_PX))


def _write_clips(out: Path, scenes: Iterator[tuple[int, list[Clip]]]) -> None:
    with ClipWriter(out, INTERVAL_S) as writer:
        for seed, made in scenes:
            for clip in made:
                writer.add(clip.images, clip.behaviour, clip.species, f"scene {seed}", clip.landmarks, clip.moments)


def _write_tiles(out: Path, scenes: Iterator[tuple[int, list[Tile]]]) -> None:
    images, groups, rows = list[Image](), list[str](), list[pd.DataFrame]()
    for seed, made in scenes:
        for tile in made:
            boxes = pd.DataFrame(tile.shown.boxes.reshape(-1, 4), columns=BOX)
            rows.append(boxes.assign(image=len(images), species=tile.species, visible=tile.shown.visible))
            images.append(tile.image)
            groups.append(f"scene {seed}")
    image_rows = pd.DataFrame({"image": range(len(images)), "group": groups})
    write_tiles(out, np.stack(images), image_rows, pd.concat(rows, ignore_index=True))


KINDS: dict[str, tuple[Any, Any]] = {
    "clips": (_clips, _write_clips),
    "films": (_films, _write_clips),
    "tiles": (_tiles, _write_tiles),
}

if __name__ == "__main__":
    main()
