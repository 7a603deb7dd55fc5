"""Frames -> an H.264 or HEVC video file with their true times, that browsers and players can show."""

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from pipeline.artifacts import whole
from pipeline.errors import MissingPart, VideoError
from pipeline.types import Image

TICKS = 90_000  # a second; every usual frame rate is a whole number of them, 30000/1001 too

_ENCODERS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf")
_HEVC = "libx265"  # the one HEVC encoder that the wheels of PyAV carry
_OPTIONS = {
    "libx264": {"preset": "veryfast"},
    _HEVC: {
        "preset": "ultrafast",
        # threads are fixed as for x264; one frame at a time, as after two at once and a bit rate a later x265 of the
        # same process crashed in 2 of some 1,800 trials (in none of as many with one; the cause is not known)
        "x265-params": "pools=4:frame-threads=1:wpp=1:log-level=error",
    },
}
_CRF = {"libx264": 23, _HEVC: 26}  # quality where no bit rate is asked for: 0 best, 51 worst
_RATE = Fraction(30)  # frames/s
_LONGEST_TICKS = 2**31 - 1  # an MP4 frame's duration has 32 bits (ISO/IEC 14496-12, 8.6.1.2), FFmpeg's a sign in them
_THREADS = 4  # fixed: x264's bytes depend on the number of threads, so the machine must not choose it
_TREE_PX = 8  # at heights that are no multiple, as 540, x264's macroblock tree gives other bytes each time (AVX-512)
_TREELESS = {"x264-params": "mbtree=0"}
_BT709 = 1  # colour primaries, transfer and matrix: ITU-T H.273, tables 2, 3 and 4
_LIMITED = 1  # colour range 16..235


class VideoWriter:
    """Writes RGB frames to ``path`` as H.264, yuv420p, BT.709, playable while it loads; whole or not at all.

    Used in a ``with`` block: ``path`` appears when the block ends well. An odd width or height is padded by one pixel
    that repeats the edge, because yuv420p knows only even sizes. The same frames give the same bytes.
    ``StorageError`` where the disk is full or read-only; ``MissingPart`` where FFmpeg has no H.264 encoder.

    ``codec`` is h264 or hevc. ``bit_rate`` in bits/s is what the file comes to over its length, as a camera writes it;
    None: steady quality, whatever it takes. ``frame_rate`` in frames/s is what the encoder shares its bits out by; the
    times of the frames are their own. ``keyframe`` is the number of frames from one keyframe to the next at most:
    whoever jumps to a frame decodes all from the keyframe before it. None: the codec's own (x264: 250).
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        codec: str = "h264",
        bit_rate: int | None = None,
        frame_rate: Fraction = _RATE,
        keyframe: int | None = None,
    ) -> None:
        if codec not in ("h264", "hevc"):
            raise ValueError(f"codec must be h264 or hevc, got {codec!r}")
        if bit_rate is not None and bit_rate < 1:
            raise ValueError(f"bit_rate must be >= 1 bit/s, got {bit_rate}")
        if keyframe is not None and keyframe < 1:
            raise ValueError(f"keyframe must be >= 1, got {keyframe}")
        self._codec, self._bit_rate, self._frame_rate, self._keyframe = codec, bit_rate, frame_rate, keyframe
        self._path, self._shape = path, (height, width, 3)
        self._padding = ((0, height % 2), (0, width % 2), (0, 0))
        self._scaler = VideoReformatter()  # kept: setting one up for every frame would cost a third of its use
        self._last = -1  # ticks of the last frame
        self._step = round(TICKS / frame_rate)  # ticks between the last two

    def __enter__(self) -> "VideoWriter":
        with ExitStack() as stack:
            part = stack.enter_context(whole(self._path))
            self._container = stack.enter_context(av.open(f"file:{part}", "w", options={"movflags": "+faststart"}))
            self._stream = self._new_stream()
            self._stack = stack.pop_all()
        return self

    def write(self, image: Image, time_s: float) -> None:
        """Add an RGB frame ``[height, width, 3]``, shown from ``time_s`` on; times must not fall.

        The last frame lasts as long as the one before it, a single one as ``frame_rate`` says.

        A frame at the time of the one before is shown a tick (1/90000 s) later. ``ValueError`` for another size,
        ``VideoError`` where the frame before would last longer than MP4 can say (6.6 hours).
        """
        if image.shape != self._shape:
            raise ValueError(f"a frame of {self._path.name} must be {self._shape}, got {image.shape}")
        padded = np.ascontiguousarray(np.pad(image, self._padding, mode="edge"))
        picture = self._scaler.reformat(
            av.VideoFrame.from_ndarray(padded),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        ticks = max(round(time_s * TICKS), self._last + 1)
        if ticks - self._last > _LONGEST_TICKS:
            raise VideoError(
                f"{self._path.name} cannot be written: the timestamps jump to {time_s:.0f} s, a step longer than MP4 "
                "allows; leave it out (overlay=false scenes=false) or cut the footage there"
            )
        if self._last >= 0:
            self._step = ticks - self._last
        self._last = ticks
        picture.pts, picture.time_base = ticks, Fraction(1, TICKS)
        self._mux(picture)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if error is not None:
            return self._stack.__exit__(kind, error, trace)
        with self._stack:
            if self._last < 0:
                raise ValueError(f"no frame was written to {self._path.name}")
            self._mux(None)
        return None

    def _new_stream(self) -> Any:
        """A stream of even size whose clock ticks ``TICKS`` times a second."""
        name = encoder(self._codec)
        if name is None:
            plain = "H.264" if self._codec == "h264" else "HEVC"
            raise MissingPart(f"this PyAV has no {plain} encoder; install the wheel: pip install --force-reinstall av")
        height, width, _ = self._shape
        crf = _CRF.get(name) if self._bit_rate is None else None
        stream = self._container.add_stream(name, rate=self._frame_rate, options=options(name, height, crf))
        stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
        context = stream.codec_context
        stream.time_base = context.time_base = Fraction(1, TICKS)
        context.thread_count = _THREADS
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        if self._codec == "hevc":
            context.codec_tag = "hvc1"  # players of Apple's want it
        if self._bit_rate is not None:
            context.bit_rate = self._bit_rate
        if self._keyframe is not None:
            context.gop_size = self._keyframe
        return stream

    def _mux(self, picture: av.VideoFrame | None) -> None:
        """Encode a frame (None: whatever the encoder still holds); a newest frame in it lasts as the one before."""
        packets = self._stream.encode(picture)
        for packet in packets:
            if packet.pts == self._last:  # the muxer knows the others' durations from the frame that follows
                packet.duration = self._step
        self._container.mux(packets)


def encoder(codec: str = "h264") -> str | None:
    """FFmpeg's name of the encoder that this PyAV has for h264 or hevc, the best first; None where it has none."""
    names = _ENCODERS if codec == "h264" else (_HEVC,)
    return next((name for name in names if name in av.codecs_available), None)


def options(name: str, height: int, crf: int | None) -> dict[str, str]:
    """What FFmpeg's encoder ``name`` is told of a video; ``crf`` is its quality, None where a bit rate is asked for."""
    told = _OPTIONS.get(name, {}) | ({} if crf is None else {"crf": str(crf)})
    return told | (_TREELESS if name == "libx264" and height % _TREE_PX else {})
