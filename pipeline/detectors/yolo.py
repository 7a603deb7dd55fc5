"""YOLO and RT-DETR through ultralytics (AGPL-3.0): checkpoints (.pt), ONNX files, OpenVINO and our folders."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.detectors import weights
from pipeline.detectors.network import MOST, NetworkDetector
from pipeline.detectors.species import vocabulary
from pipeline.device import resolve
from pipeline.errors import ModelError
from pipeline.types import Detections, Image

_TASKS = ("detect", "pose", "segment")  # the tasks whose answers hold upright boxes
_STRIDE = 32  # sides of the networks' input are multiples of this


@dataclass
class YoloDetector(NetworkDetector):
    """Any detector that ultralytics runs. A tile is scaled until its longer side has ``image_px``.

    The shorter side is padded to a multiple of 32, in exported models to a square.
    """

    model: str
    image_px: int
    _network: Any = field(init=False, default=None, repr=False)
    _asked: dict[str, Any] = field(init=False, default_factory=dict, repr=False)
    _species: dict[int, str] = field(init=False, default_factory=dict, repr=False)
    _at_once: int = field(init=False, default=1, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.image_px < _STRIDE or self.image_px % _STRIDE:
            raise ValueError(f"image_px must be a multiple of {_STRIDE}, got {self.image_px}")

    def _load(self) -> None:
        path = weights.found(self.model)
        device = resolve(self.device)
        self._network = weights.opened(path)
        self._asked = {"imgsz": self.image_px, "device": device, "conf": self.min_score, "iou": self.iou}
        if self.half and device.startswith("cuda"):
            self._asked["half"] = True
        with weights.refusing(path), weights.threads_kept():
            self._ask([np.zeros((self.image_px, self.image_px, 3), dtype=np.uint8)])
        self._check()
        self._species = vocabulary(self._network.names, self.classes, self.species, self.model)

    def _check(self) -> None:
        """What ultralytics would pass over in silence: a task without boxes, another image size, a fixed batch."""
        if self._network.task not in _TASKS:
            raise ModelError(
                f"{self.model} is made to {self._network.task}; boxes come from models to {', '.join(_TASKS)}"
            )
        predictor = self._network.predictor
        height, width = (int(side) for side in predictor.imgsz)
        if (height, width) != (self.image_px, self.image_px):
            raise ModelError(
                f"{self.model} was exported for images of {width} x {height} px and takes no other: "
                f"set detector.image_px={max(width, height)} (got {self.image_px}), or export it again"
            )
        fixed = predictor.model.format != "pt" and not predictor.model.dynamic
        self._at_once = int(predictor.model.batch) if fixed else self.batch

    def _predict(self, crops: list[Image]) -> list[Detections]:
        wanted, step = sorted(self._species), self._at_once
        chunks = [crops[k : k + step] for k in range(0, len(crops), step)]
        return [self._translated(result) for chunk in chunks for result in self._ask(chunk, classes=wanted)]

    def _ask(self, crops: list[Image], **more: Any) -> Any:
        """Results for RGB crops; ultralytics takes arrays for BGR."""
        bgr = [np.ascontiguousarray(crop[:, :, ::-1]) for crop in crops]
        return self._network.predict(bgr, verbose=False, save=False, max_det=MOST, **self._asked, **more)

    def _translated(self, result: Any) -> Detections:
        boxes = result.boxes.cpu()
        names = [self._species[int(k)] for k in boxes.cls]
        return Detections.of(boxes.xyxy.double().numpy(), boxes.conf.double().numpy(), names)
