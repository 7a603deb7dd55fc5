"""How well a detector does on tiles it has not seen: AP at an IoU of 0.5, as in ``pipeline/comparison``."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.comparison.detection import detection_figures
from pipeline.tables import BOX
from pipeline.training.detector_tiles import LEAST_VISIBLE, Tiles
from pipeline.types import IntArray

_LEAST_SCORE, _IOU, _AT_ONCE = 0.01, 0.6, 16
_STRIDE = 32


def judged(network: Any, tiles: Tiles, images: IntArray) -> dict[str, float]:
    """``map50`` (one class, animal), ``map50_species`` and ``recall`` on images; NaN where nothing can be measured."""
    found = [_found(network, tiles, images[k : k + _AT_ONCE]) for k in range(0, len(images), _AT_ONCE)]
    truth = tiles.rows[tiles.rows["image"].isin(images)].rename(columns={"image": "frame"}).assign(inside=1.0)
    truth = truth.reset_index(drop=True)
    assert LEAST_VISIBLE == 0.3  # the figures' own rule for what counts
    figures = detection_figures(pd.concat(found, ignore_index=True), truth)
    told = {name: figures[name] for name in ("map50", "map50_species", "recall")}
    return {name: float("nan") if value is None else float(value) for name, value in told.items()}


def _found(network: Any, tiles: Tiles, images: IntArray) -> pd.DataFrame:
    """Detections of some tiles, as rows frame, score, species and box."""
    import torch
    from ultralytics.utils.nms import non_max_suppression

    pixels = np.stack([tiles.images[k] for k in images])
    down, right = (-side % _STRIDE for side in pixels.shape[1:3])
    pixels = np.pad(pixels, ((0, 0), (0, down), (0, right), (0, 0)), constant_values=114)
    with torch.inference_mode():
        shown = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().to(next(network.parameters()).device)
        answers = network.eval()(shown.float() / 255)
        kept = non_max_suppression(answers, _LEAST_SCORE, _IOU, max_time_img=10.0, nc=len(tiles.species))
    rows = np.concatenate([answer.double().cpu().numpy() for answer in kept])
    names = np.array(tiles.species, dtype=object)[rows[:, 5].astype(np.int64)]
    frame = np.repeat(images, [len(answer) for answer in kept])
    return pd.DataFrame(
        {**dict(zip(BOX, rows[:, :4].T, strict=True)), "score": rows[:, 4], "species": names, "frame": frame}
    )
