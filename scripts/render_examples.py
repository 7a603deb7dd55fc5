"""Render the examples that the embedded models learn from: ``clips`` for the recognizer, ``tiles`` for the detector.

    python scripts/render_examples.py clips OUT --scenes 200 --each 60
    python scripts/render_examples.py tiles OUT --scenes 300 --each 40

Scene k is drawn from seed ``--first`` + k and is a group of its own, so that held-out scenes are new ones. The same
arguments give the same bytes. Seeds from 1,000,000 on are never trained on: the demo and the evaluation draw theirs
there.
"""

import argparse
import multiprocessing
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2

from pipeline.chain.progress import Progress
from pipeline.simulate.examples import Clip, clips
from pipeline.training.packed import ClipWriter

FRAMES, INTERVAL_S = 20, 0.8 / 6  # more and closer than the 16 frames 1/6 s apart that a window has
CLIP_SIZE = (144, 108)
HELD_BACK = 1_000_000


def main() -> None:
    """Render and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["clips", "tiles"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--each", type=int, default=60, help="examples of a scene")
    parser.add_argument("--first", type=int, default=0, help="seed of the first scene")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.scenes)
    with Progress().stage(given.kind, "scenes") as meter, ClipWriter(given.out, INTERVAL_S) as writer:
        meter.expect(given.scenes)
        for seed, made in _rendered(seeds, given.each, given.processes):
            for clip in made:
                writer.add(clip.images, clip.behaviour, clip.species, f"scene {seed}")
            meter.advance(1)


def _rendered(seeds: range, each: int, processes: int) -> Iterator[tuple[int, list[Clip]]]:
    """The clips of every scene, in order of the seeds."""
    with multiprocessing.Pool(processes, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from zip(seeds, pool.imap(partial(_scene, each=each), seeds), strict=True)


def _scene(seed: int, each: int) -> list[Clip]:
    return list(clips(seed, each, FRAMES, INTERVAL_S, *CLIP_SIZE))


if __name__ == "__main__":
    main()
