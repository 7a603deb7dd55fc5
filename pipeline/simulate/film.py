"""Filming: a scene's frames rendered by several processes, encoded in order, with the truth beside the video."""

import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from pipeline.geodesy import Origin
from pipeline.processes import cores, one_core
from pipeline.simulate.render import frame
from pipeline.simulate.scene import Stream, Take, prepare, stream
from pipeline.simulate.settings import Scene
from pipeline.simulate.truth import Filmed, Shown
from pipeline.simulate.truth_files import write_truth
from pipeline.types import Advance, Image
from pipeline.video.encode import VideoWriter

AHEAD = 4  # frames under way in each process
SHORT_PX = 64e6  # of a whole film: so few are rendered before the processes have begun
PLACE = Origin(0.2921, 36.8985, 1700.0)  # Mpala, Laikipia, where KABR was filmed


def film(scene: Scene, seed: int, out: Path, advance: Advance = lambda steps: None, processes: int = 0) -> Path:
    """Render a scene to ``<out>/<name>.mp4`` with its truth beside it; returns the video.

    ``processes`` of 0: one a core, for a short film none but this one. The same scene and seed give the same frames,
    however many processes there are.
    """
    take = prepare(scene, seed)
    short = len(take.times_s) * scene.width * scene.height <= SHORT_PX
    video = out / f"{scene.name}.mp4"
    write_truth(filmed(scene, take, video, processes or (1 if short else cores()), advance), out)
    return video


def filmed(scene: Scene, take: Take, video: Path, processes: int, advance: Advance = lambda steps: None) -> Filmed:
    """Render a take of the scene to ``video``; what is true of it."""
    shown = []
    with camera(scene, video) as writer:
        for image, seen in frames(take, processes):
            writer.write(image, seen.time_s)
            shown.append(seen)
            advance(1)
    poses = [animal.poses for animal in take.stage.animals]
    return Filmed(video.name, take.species, poses, take.views, shown, PLACE)


def camera(scene: Scene, path: Path) -> VideoWriter:
    """What writes a scene's frames to ``path`` as its camera does: codec, bits a second, frame rate."""
    return VideoWriter(path, scene.width, scene.height, scene.codec.value, scene.bit_rate, scene.frames_per_s)


def frames(take: Take, processes: int) -> Iterator[tuple[Image, Shown]]:
    """Every frame of a take in order, as the sensor gives it, and what it shows."""
    if processes == 1:
        yield from (_exposed(take, number) for number in range(len(take.times_s)))
        return
    spawn = multiprocessing.get_context("spawn")  # OpenCV's threads do not survive a fork
    with ProcessPoolExecutor(processes, spawn, _begin, (take,)) as pool:
        waiting: deque[Future[tuple[Image, Shown]]] = deque()
        for number in range(len(take.times_s)):
            waiting.append(pool.submit(_exposed_here, number))
            if len(waiting) > AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_take: list[Take] = []  # of this process


def _begin(take: Take) -> None:
    one_core()
    _take[:] = [take]


def _exposed_here(number: int) -> tuple[Image, Shown]:
    (take,) = _take
    return _exposed(take, number)


def _exposed(take: Take, number: int) -> tuple[Image, Shown]:
    """One frame; its noise comes from its own number, whichever process renders it."""
    view = take.views[number]
    image, shown = frame(take.stage, view, number, number, float(take.times_s[number]))
    before = take.views[max(number - 1, 0)]
    return take.sensor.expose(image, before, view, stream(take.seed, Stream.noise, number)), shown
