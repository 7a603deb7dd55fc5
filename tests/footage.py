"""Tiny real videos for tests, made with PyAV.

Frame ``i`` of a made video is a flat grey of brightness ``30 + 6 * (i % 32)`` with a white square in the top left
corner, so that a test can read the frame's number and see the way up: ``number(image)`` and ``corner(image)``.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from pipeline.types import Image, Video
from pipeline.video.frames import Footage

TICKS = 90_000  # ticks a second of times given by hand
_DEFAULTS = {"libx265": {"x265-params": "log-level=none:bframes=0"}}  # with B-frames x265 may state wild decoding times


def numbered(i: int, width: int = 64, height: int = 48) -> Image:
    """Frame ``i``: RGB ``[height, width, 3]``."""
    image = np.full((height, width, 3), 30 + 6 * (i % 32), dtype=np.uint8)
    image[: height // 4, : width // 4] = 255
    return image


def number(image: Image) -> int:
    """Which frame (modulo 32) an image is, whatever its rotation."""
    height, width = image.shape[:2]
    middle = image[height * 3 // 8 : height * 5 // 8, width * 3 // 8 : width * 5 // 8]
    return round((float(middle.mean()) - 30) / 6)


def corner(image: Image) -> str:
    """Where the white square is: ``top left``, ``bottom right`` ..."""
    height, width = image.shape[:2]
    corners = {
        "top left": image[: height // 8, : width // 8],
        "top right": image[: height // 8, -width // 8 :],
        "bottom left": image[-height // 8 :, : width // 8],
        "bottom right": image[-height // 8 :, -width // 8 :],
    }
    return max(corners, key=lambda name: float(corners[name].mean()))


def noise(count: int, width: int = 64, height: int = 48) -> list[Image]:
    """Frames that do not compress, so that a file has bytes to lose."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (height, width, 3), dtype=np.uint8) for _ in range(count)]


def footage(path: Path) -> Footage:
    """The footage of a file."""
    return Footage(Video(path.name, path))


def decoded(path: Path) -> Footage:
    """The footage of a file after one whole iteration."""
    made = footage(path)
    for _ in made.frames():
        pass
    return made


def cut(path: Path, share: float) -> Path:
    """A copy of the first part of a file, as an interrupted transfer leaves it."""
    data = path.read_bytes()
    copy = path.with_name(f"cut {path.name}")
    copy.write_bytes(data[: round(len(data) * share)])
    return copy


def write_video(
    path: Path | str,
    images: Iterable[Image] | int,
    rate: Fraction | int = 30,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rotation: int = 0,
    times_s: Sequence[float] | None = None,
    size: tuple[int, int] = (64, 48),
    options: dict[str, str] | None = None,
    movflags: str = "",
) -> Path:
    """Write RGB ``images`` (or that many numbered ones of ``size``, width x height) and return the path.

    ``rotation`` is the display rotation, degrees counter-clockwise. ``times_s`` are the frames' presentation times as
    the container will state them, also equal or falling ones: the packets are re-stamped after encoding, without
    B-frames. The suffix chooses the container; ``options`` go to the encoder, ``movflags`` to the mp4 writer.
    """
    pictures = [numbered(i, *size) for i in range(images)] if isinstance(images, int) else list(images)
    height, width = pictures[0].shape[:2]
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = _DEFAULTS.get(codec, {}) | ({} if times_s is None else {"bf": "0"})
    with av.open(str(path), "w", options={"movflags": movflags} if movflags else {}) as container:
        stream = container.add_stream(codec, rate=rate, options=settings | (options or {}))
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        if times_s is not None:
            stream.time_base = Fraction(1, TICKS)
        if rotation:
            stream.set_display_rotation(rotation)
        frames = [av.VideoFrame.from_ndarray(np.ascontiguousarray(image)) for image in pictures]
        packets = [packet for frame in [*frames, None] for packet in stream.encode(frame)]
        for k, packet in enumerate(packets):
            if times_s is not None:
                _stamp(packet, k, times_s)
            container.mux(packet)
    return path


def _stamp(packet: av.Packet, k: int, times_s: Sequence[float]) -> None:
    """The k-th packet is shown at ``times_s[k]``. Its decoding time is not later than this or any later showing."""
    packet.time_base = Fraction(1, TICKS)
    packet.pts = round(times_s[k] * TICKS)
    packet.dts = round(min(times_s[k:]) * TICKS) - (len(times_s) - 1 - k)  # must rise: a tick for each packet to come
    packet.duration = TICKS // 30
