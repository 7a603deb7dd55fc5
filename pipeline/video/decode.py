"""Packets of a video file -> decoded pictures, through damage, up to the end or to where the file breaks off."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

from av.error import FFmpegError

from pipeline.video.ledger import Ledger
from pipeline.video.probe import cut_short, length_s, opened, reason

_UNTIMED = {"avi", "h264", "hevc"}  # they number packets in decoding order and know no other time
_KEEPS_WORD = {"avi", "matroska,webm"}  # containers that say their length and give no other sign of having been cut
_SHORT_SHARE, _SHORT_FRAMES = 0.02, 2  # missing at the end: more than this share and this many frames


def pictures(path: Path, ledger: Ledger) -> Generator[tuple[int, float, Any], None, str | None]:
    """Number, time in seconds and PyAV frame of each picture of a video; the ledger takes them down.

    A packet that cannot be decoded is counted and passed over. Returns why the video broke off, None where it did not.
    """
    with opened(path) as (container, stream):
        ledger.counted = bool(stream.codec_context.has_b_frames) and container.format.name in _UNTIMED
        packets, failure = _packets(container, stream), None
        broken, size = None, (0, 0)
        while True:
            try:
                packet = next(packets)
            except StopIteration as stop:
                broken = stop.value
                break
            try:
                decoded = stream.decode(packet)
            except FFmpegError as error:
                ledger.lost, failure = ledger.lost + 1, reason(error)
                continue
            failure = None if decoded and packet is not None else failure
            for picture in decoded:
                size, before = (picture.width, picture.height), size
                if len(ledger) and size != before:
                    return f"its pictures change from {_in_px(before)} to {_in_px(size)}; split the file there"
                index, time_s = ledger.add(picture.pts, stream.time_base, picture.duration, picture.is_corrupt)
                yield index, time_s, picture
        return broken or failure or missing_end(container, stream, ledger.stop_s, ledger.step_s)


def _in_px(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]} px"


def _packets(container: Any, stream: Any) -> Generator[Any, None, str | None]:
    """The stream's packets, then None to ask the decoder for its last frames. Returns why they broke off.

    A packet that is marked as damaged and is the last one was cut by the end of the file. It is left out: decoding it
    would cost the whole frames that the decoder still holds.
    """
    held, broken = None, None
    try:
        for packet in container.demux(stream):
            if packet.size == 0:  # an AVI's dropped frame, or PyAV's request to flush: the decoder would stop at it
                continue
            if held is not None:
                yield held
            held = packet if packet.is_corrupt else None
            if held is None:
                yield packet
        broken = "the file ends inside a frame" if held is not None else None
    except FFmpegError as error:
        broken = reason(error)
    yield None
    return broken


def missing_end(container: Any, stream: Any, stop_s: float, step_s: float) -> str | None:
    """Why frames that were promised at the end are not there; None where they are.

    Those that are there end at ``stop_s`` and are ``step_s`` apart.
    """
    if cut_short(stream):
        return "the file ends before the last frame of its index"
    promised_s = length_s(container, stream) if container.format.name in _KEEPS_WORD else None
    if promised_s is None:
        return None
    missing_s = promised_s - float((stream.start_time or 0) * stream.time_base) - stop_s
    if missing_s <= max(_SHORT_SHARE * promised_s, _SHORT_FRAMES * step_s):
        return None
    return f"the file ends, although it promises {promised_s:.2f} s"
