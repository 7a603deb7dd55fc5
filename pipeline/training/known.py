"""Where the behaviours that a model knows lie among its features: a new one can then be placed among them.

A file beside the weights, ``prototypes.safetensors``: the mean of each behaviour's clips, and how much each feature
differs within behaviours. It stays out of the network, which its library reads as ever.

Letters: N clips, D width, K behaviours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.errors import ModelError
from pipeline.model_folder import PROTOTYPES, shapes
from pipeline.types import IntArray


@dataclass(frozen=True)
class Known:
    """The mean ``[K, D]`` of each behaviour's features, NaN where nobody looked, and their variance within them [D]."""

    mean: FloatArray
    variance: FloatArray

    def among(self, before: Sequence[str], names: Sequence[str]) -> "Known":
        """The same for a vocabulary of ``names``, where it was one of ``before``."""
        rows = {name: self.mean[k] for k, name in enumerate(before)}
        nobody = np.full(self.mean.shape[1], np.nan)
        return replace(self, mean=np.stack([rows.get(name, nobody) for name in names]))


def known_by(features: FloatArray, targets: IntArray, behaviours: int, before: Known | None) -> Known:
    """What features ``[N, D]`` of clips that show ``targets`` [N] say, and ``before`` of behaviours without a clip.

    The variance is that of ``before`` where it speaks for some of the behaviours alone.
    """
    mean = np.full((behaviours, features.shape[1]), np.nan) if before is None else before.mean.copy()
    shown = np.unique(targets)
    for k in shown:
        mean[k] = features[targets == k].mean(axis=0)
    within = ((features - mean[targets]) ** 2).mean(axis=0)
    return Known(mean, within if before is None or len(shown) == behaviours else before.variance)


def read_known(folder: Path, behaviours: int, width: int) -> Known | None:
    """What a model's folder says; None where it says nothing. ``ModelError`` where it is of another model."""
    path = folder / PROTOTYPES
    if not path.is_file():
        return None
    wanted = {"mean": [behaviours, width], "variance": [width]}
    if (told := {name: list(shape) for name, shape in shapes(path).items()}) != wanted:
        raise ModelError(
            f"{path} has {told}, and its model {wanted}: it is of another model; fetch that again, or write it by "
            "scripts/fit_prototypes.py"
        )
    from safetensors.numpy import load_file

    return Known(**{name: values.astype(np.float64) for name, values in load_file(path).items()})


def write_known(folder: Path, known: Known) -> None:
    """Write the file."""
    from safetensors.numpy import save_file

    values = {"mean": known.mean, "variance": known.variance}
    save_file({name: of.astype(np.float32) for name, of in values.items()}, folder / PROTOTYPES)
