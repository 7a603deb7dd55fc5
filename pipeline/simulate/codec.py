"""What a camera's H.264 leaves of a few frames: blocks, smeared detail, what moves a little late."""

from fractions import Fraction

import av
import numpy as np

from pipeline.types import Image
from pipeline.video.encode import encoder, options

_RATE = 30  # frames/s that the encoder plans its bits for
_KEYS = 30  # frames from one whole picture to the next
_AT_ONCE = {"tune": "zerolatency", "x264-params": "weightp=0"}  # each frame from those before it alone


def through_h264(images: Image, crf: int, ahead: bool = False) -> Image:
    """RGB frames ``uint8 [T, H, W, 3]`` of even height and width, encoded at quality ``crf`` (0 best, 51) and decoded.

    ``ahead``: as ``VideoWriter`` does, which knows what comes: frames between those that they are told from (B-frames),
    fewer bits for what does not last; else frame by frame, as in a camera. The same frames give the same, with
    ``ahead`` where the height is a multiple of 8. Where this PyAV has no libx264 they come back as they are.
    """
    if encoder() != "libx264":
        return images
    pen = av.CodecContext.create("libx264", "w")
    pen.height, pen.width = images.shape[1:3]
    pen.pix_fmt, pen.time_base, pen.framerate = "yuv420p", Fraction(1, _RATE), Fraction(_RATE)
    pen.thread_count = 1  # its bytes depend on the number of threads
    pen.gop_size = _KEYS
    # without tuning x264 looks ahead, which does not give the same twice at other heights
    pen.options = options("libx264", pen.height, crf) | ({} if ahead else _AT_ONCE)
    packets = []
    for number, image in enumerate(images):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image)).reformat(format="yuv420p")
        frame.pts = number
        packets += pen.encode(frame)
    eye = av.CodecContext.create("h264", "r")
    eye.thread_count = 1
    frames = [frame for packet in [*packets, *pen.encode(None), None] for frame in eye.decode(packet)]
    return np.stack([frame.to_ndarray(format="rgb24") for frame in frames]).astype(np.uint8)
