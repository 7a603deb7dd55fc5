"""Figures as elements of a page, the picture inside it."""

import base64
from io import BytesIO

import cv2
import numpy as np

from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, folded, tag
from pipeline.types import Image

_VECTOR_BYTES = 250_000  # an SVG up to this size is put into the page; a larger one is replaced by its PNG
_WIDEST_PX = 1100  # of a photograph in the page
_QUALITY = 70  # of WebP
_PALETTE = 128  # colours of a PNG in the page
_DENSE = ("neighbours", "composition")  # figures of each video, of many points: the smaller form is taken


def shown(entry: FigureEntry) -> Markup:
    """A figure with its caption, as an element of a page; the picture is inside it."""
    source, words = entry.inlined or inlined(entry), f"{entry.title}. {entry.alt}"
    image = tag("img", src=source, alt=words)  # never lazy: paper has no scrolling
    figure = tag("figure", image, tag("figcaption", entry.caption), class_=entry.kind)
    return folded(entry.title, figure) if entry.detail else figure


def inlined(entry: FigureEntry) -> str:
    """The picture as a ``data:`` address: as SVG, as WebP over a photograph, as PNG where the SVG would be large."""
    vector, drawn = entry.path.with_suffix(".svg").read_bytes(), entry.path.read_bytes()
    if entry.kind == "trajectories":
        kind, data = "webp", _photograph(drawn)
    elif len(vector) > _VECTOR_BYTES or entry.kind in _DENSE:
        kind, data = min(("svg+xml", vector), ("png", _few_colours(drawn)), key=lambda form: len(form[1]))
    else:
        kind, data = "svg+xml", vector
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _photograph(png: bytes) -> bytes:
    picture: Image = np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)
    factor = min(1.0, _WIDEST_PX / picture.shape[1])
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])[1].tobytes()


def _few_colours(png: bytes) -> bytes:
    """The same picture with a palette: letters and areas look the same in a third of the bytes."""
    from PIL import Image as Pictures

    out = BytesIO()
    with Pictures.open(BytesIO(png)) as picture:
        picture.convert("RGB").quantize(_PALETTE, dither=Pictures.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
