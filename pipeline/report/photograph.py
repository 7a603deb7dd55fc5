"""A photograph in a figure: an SVG holds it as JPEG, which is a tenth of the bytes of PNG and made at once."""

import base64
from typing import TYPE_CHECKING, Any

import cv2

from pipeline.types import Image

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUALITY = 70  # of JPEG; under lines no difference is seen


def show_photograph(axes: "Axes", picture: Image, width: float, height: float) -> None:
    """Lay an RGB picture over x from 0 to ``width`` and y, downwards, from 0 to ``height``, below all else.

    The view must hold all of it.
    """
    from matplotlib.image import AxesImage

    class Photograph(AxesImage):
        def draw(self, renderer: Any) -> None:
            place = self.get_window_extent(renderer)
            if not hasattr(renderer, "writer"):  # of all that matplotlib draws with, that of SVG has one
                size = round(place.width), round(place.height)
                drawn = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2RGBA)
                renderer.draw_image(renderer.new_gc(), round(place.x0), round(place.y0), drawn[::-1])
                return
            renderer.writer.element(
                "image",
                attrib={
                    "xlink:href": f"data:image/jpeg;base64,{_jpeg(picture)}",
                    "preserveAspectRatio": "none",
                    "x": f"{place.x0:.2f}",
                    "y": f"{renderer.height - place.y1:.2f}",
                    "width": f"{place.width:.2f}",
                    "height": f"{place.height:.2f}",
                },
            )

    image = Photograph(axes, interpolation="bilinear", extent=(0, width, height, 0), zorder=0)
    image.set_data(picture)
    image.set_clip_path(axes.patch)
    axes.add_image(image)


def _jpeg(picture: Image) -> str:
    """In base64."""
    data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
    return base64.b64encode(data.tobytes()).decode()
