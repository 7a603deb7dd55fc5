"""Figures as elements of a page, the picture inside it."""

import base64

import cv2
import numpy as np

from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, folded, tag
from pipeline.report.style import IN_PAGE_BYTES
from pipeline.types import Image

_WIDEST_PX = 1100  # of a photograph in the page
_QUALITY, _LOSSLESS = 70, 101  # of WebP, as OpenCV counts


def shown(entry: FigureEntry) -> Markup:
    """A figure with its caption, as an element of a page; the picture is inside it."""
    source, words = entry.inlined or inlined(entry), f"{entry.title}. {entry.alt}"
    image = tag("img", src=source, alt=words)  # never lazy: paper has no scrolling
    figure = tag("figure", image, tag("figcaption", entry.caption), class_=entry.kind)
    return folded(entry.title, figure) if entry.detail else figure


def inlined(entry: FigureEntry) -> str:
    """The picture as a ``data:`` address: as SVG; as WebP, if smaller, where that is large; a photograph with loss."""
    kind, data = "svg+xml", entry.path.read_bytes()
    if len(data) > IN_PAGE_BYTES:
        webp = (_photograph if entry.kind == "trajectories" else _drawing)(entry.path.with_suffix(".png").read_bytes())
        kind, data = min((kind, data), ("webp", webp), key=lambda form: len(form[1]))
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _photograph(png: bytes) -> bytes:
    picture = _pixels(png)
    factor = min(1.0, _WIDEST_PX / picture.shape[1])
    return _webp(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), _QUALITY)


def _drawing(png: bytes) -> bytes:
    """The same pixels in a third of the bytes."""
    return _webp(_pixels(png), _LOSSLESS)


def _pixels(png: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


def _webp(picture: Image, quality: int) -> bytes:
    return cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
