"""Figures as elements of a page, the picture inside it."""

import base64

import cv2
import numpy as np

from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, folded, tag

_VECTOR_BYTES = 200_000  # an SVG up to this size is put into the page; a larger one is replaced by its PNG
_PHOTOGRAPH_PX, _QUALITY = 1100, 78  # width and JPEG quality of a figure over a photograph


def shown(entry: FigureEntry) -> Markup:
    """A figure with its caption, as an element of a page; the picture is inside it."""
    image = tag("img", src=_inlined(entry), alt=f"{entry.title}. {entry.alt}", loading="lazy", decoding="async")
    figure = tag("figure", image, tag("figcaption", entry.caption), class_=entry.kind)
    return folded(entry.title, figure) if entry.detail else figure


def _inlined(entry: FigureEntry) -> str:
    """The picture as a ``data:`` address: as SVG, as JPEG over a photograph, as PNG where the SVG would be large."""
    vector = entry.path.with_suffix(".svg").read_bytes()
    if entry.kind == "trajectories":
        kind, data = "jpeg", _photograph(entry.path.read_bytes())
    elif len(vector) <= _VECTOR_BYTES:
        kind, data = "svg+xml", vector
    else:
        kind, data = "png", entry.path.read_bytes()
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _photograph(png: bytes) -> bytes:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    factor = min(1.0, _PHOTOGRAPH_PX / picture.shape[1])
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
