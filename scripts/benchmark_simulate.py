"""How fast scenes are filmed: frames/s at several sizes and numbers of animals, beside encoding alone (the floor).

    python scripts/benchmark_simulate.py [--seconds 6] [--seed 0]

A scene is prepared first (herd, coats, plants, ground), which costs seconds once; its frames are then rendered by one
process a core and encoded in order. The floor is the encoder on the frames of the film, read back into memory.
"""

import argparse
import os
import platform
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from pipeline.build import build
from pipeline.config import SCENE, compose
from pipeline.simulate.film import camera, film
from pipeline.simulate.scene import prepare
from pipeline.simulate.settings import Scene
from pipeline.types import Video
from pipeline.video.frames import Footage

SIZES = ((640, 360), (1280, 720), (1920, 1080), (3840, 2160))
FEW, MANY = "hover", "herd70"  # 12 and 70 animals


def main() -> None:
    """Film and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores; {given.seconds:g} s of film each, seed {given.seed}")
    print(f"{'scene':8s}{'animals':>8s}{'size':>13s}{'prepare':>10s}{'film':>14s}{'encode only':>14s}")
    for name, sizes in ((FEW, SIZES), (MANY, SIZES[2:3])):
        base: Scene = build(compose("simulate", [f"scene={name}"]).scene, SCENE["scene"])
        for width, height in sizes:
            scene = replace(base, duration_s=given.seconds, width=width, height=height)
            prepared, filmed, encoded = rates(scene, given.seed)
            animals, size = sum(scene.animals.values()), f"{width} x {height}"
            print(f"{name:8s}{animals:8d}{size:>13s}{prepared:8.1f} s{filmed:7.1f} fr/s{encoded:9.1f} fr/s", flush=True)


def rates(scene: Scene, seed: int) -> tuple[float, float, float]:
    """Seconds to prepare, frames/s of the filming that follows, frames/s of encoding alone."""
    start = time.perf_counter()
    prepare(scene, seed)
    prepared = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        start = time.perf_counter()
        video = film(scene, seed, out)
        filmed = time.perf_counter() - start - prepared
        frames = [frame.image for frame in Footage(Video("film", video)).frames()]
        start = time.perf_counter()
        with camera(scene, out / "again.mp4") as writer:
            for number, image in enumerate(frames):
                writer.write(image, number / float(scene.frames_per_s))
        return prepared, len(frames) / filmed, len(frames) / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
