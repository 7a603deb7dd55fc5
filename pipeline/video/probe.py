"""What a video file is before it is decoded: opened as data, its stream chosen, its size, rate and promises read."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from av.error import FFmpegError

from pipeline.errors import VideoError
from pipeline.processes import cores
from pipeline.types import Image, VideoInfo
from pipeline.video.source import is_still

log = logging.getLogger("pipeline.video.frames")

# Only containers of footage. Playlists (hls, concat, dash) are left out: a file must not name others to be opened.
_FORMATS = (
    "mov,avi,matroska,mpegts,mpeg,mpegvideo,m4v,gif,flv,asf,ogg,mxf,dv,nut,ivf,dhav,mjpeg,mpjpeg,h264,hevc,vvc,obu,av1"
)
_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}  # what an MP4 or QuickTime file begins with
_MOST_THREADS = 8  # each holds frames of its own: more gain little and cost 25 MB apiece at 5.4K


@contextmanager
def opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The PyAV container of a video and its main video stream, ready to decode; ``VideoError`` says why not.

    Decoding uses FFmpeg's frame threads: they are as fast as any, and, unlike PyAV's default of slice threads, let the
    H.264 decoder mark the frames whose bytes are damaged (measured: 24 of 24 against 0 of 24).
    """
    _refuse(path)
    try:
        container = av.open(f"file:{path}", options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"})
    except FFmpegError as error:
        unknown = isinstance(error, (av.error.InvalidDataError, av.error.ArgumentError))
        cause = "its content is of no video format known here" if unknown else reason(error)
        raise VideoError(f"{path} is not a video: {cause}") from error
    log.debug("opened decoder: %s", path)
    with container:
        stream = _main_stream(path, container)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = min(cores(), _MOST_THREADS)
        yield container, stream


def probe(path: Path) -> VideoInfo:
    """What is known of a video or a still from its container and its first frame.

    ``VideoError`` in one line where it cannot be opened or no frame of it can be decoded.
    """
    if is_still(path):
        height, width = read_still(path).shape[:2]
        return VideoInfo(width, height, None, 1, path.suffix.lower().lstrip("."), "rgb24", 0, still=True)
    with opened(path) as (container, stream):
        first = _first_frame(path, container, stream)
        width, height = (first.width, first.height) if turns(first) % 2 == 0 else (first.height, first.width)
        return VideoInfo(
            width=width,
            height=height,
            rate=stream.average_rate or stream.guessed_rate or None,
            announced=stream.frames or None,
            codec=stream.codec_context.name,
            pixel_format=first.format.name,
            rotation=turns(first) % 4 * 90,
            still=False,
        )


def read_still(path: Path) -> Image:
    """A picture as RGB ``[height, width, 3]``, turned as its EXIF says; of several pages the first."""
    _refuse(path)
    log.debug("opened decoder: %s", path)
    try:
        image = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise VideoError(f"{path} cannot be read as a picture: {error.err}") from error
    if image is None:
        raise VideoError(f"{path} is not a picture, or it is damaged")
    return np.ascontiguousarray(image[:, :, ::-1])


def turns(frame: Any) -> int:
    """Quarter turns counter-clockwise that show a decoded frame the right way up."""
    quarters: int = round(frame.rotation / 90)
    return quarters


def length_s(container: Any, stream: Any) -> float | None:
    """How long the container says its video is; None where it does not say, or speaks of other streams too."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    if len(container.streams) == 1 and container.duration:
        return float(Fraction(container.duration, av.time_base))
    return None


def cut_short(stream: Any) -> bool:
    """Does the container's index name frames beyond the end of the file?"""
    if "mov" not in stream.container.format.name or len(stream.index_entries) == 0:
        return False
    last = stream.index_entries[len(stream.index_entries) - 1]
    return bool(last.pos + last.size > stream.container.size)


def reason(error: FFmpegError) -> str:
    """FFmpeg's words for an error, without its numbers and function names."""
    return str(error.strerror or type(error).__name__)


def _refuse(path: Path) -> None:
    """``VideoError`` for what can be told from the bytes alone."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                raise VideoError(f"{path} is empty (0 bytes)")
            if _lacks_index(file):
                raise VideoError(
                    f"{path} breaks off before its index (no moov box): the recording was not finished or the copy is "
                    "incomplete; copy it again, or repair it with a tool such as untrunc"
                )
    except OSError as error:
        raise VideoError(f"{path} cannot be opened: {error.strerror}") from error


def _lacks_index(file: BinaryIO) -> bool:
    """Is this an MP4 or QuickTime file in which no whole ``moov`` box follows?  ISO/IEC 14496-12, 4.2: size, type."""
    end = file.seek(0, os.SEEK_END)
    position, first = 0, True
    while position + 8 <= end:
        file.seek(position)
        head = file.read(16)
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if first and kind not in _BOXES:
            return False
        size = int.from_bytes(head[8:16], "big") if size == 1 else size or end - position
        if kind == b"moov":
            return position + size > end
        position, first = position + max(size, 8), False
    return not first


def _main_stream(path: Path, container: Any) -> Any:
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        raise VideoError(f"{path} holds no video, only {_kinds(container)}")
    best = container.streams.best("video")
    stream = best if best in streams else streams[0]
    if stream.codec_context is None:
        raise VideoError(f"{path} cannot be decoded: its codec is not known to this FFmpeg")
    return stream


def _kinds(container: Any) -> str:
    return " and ".join(sorted({stream.type for stream in container.streams})) or "an empty container"


def _first_frame(path: Path, container: Any, stream: Any) -> Any:
    cause = "it holds none"
    try:
        for packet in container.demux(stream):
            try:
                for frame in stream.decode(packet if packet.size else None):
                    return frame
            except FFmpegError as error:
                cause = reason(error)
    except FFmpegError as error:
        cause = reason(error)
    raise VideoError(f"no frame of {path} can be decoded: {cause}")
