"""What a SlowFast config says of an X3D: its layers, the clip it sees, how its pixels are prepared, its outputs.

Nothing is assumed that decides a result: what is not there is named. The keys and their meaning are those of
``slowfast/config/defaults.py`` (facebookresearch/SlowFast).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.errors import ModelError
from pipeline.recognizers.card import ACTIVATIONS
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.recognizers.slowfast import Checkpoint
from pipeline.recognizers.x3d_network import SHRINKS, X3DShape

_ABSENT = object()
_NAMES = {"MODEL.MODEL_NAME": "X3D", "MODEL.ARCH": "x3d"}


@dataclass(frozen=True)
class X3DConfig:
    """A network and what it must be shown: every ``rate``-th frame; ``blue_first``: channels turned around."""

    shape: X3DShape
    rate: int
    preprocessing: Preprocessing
    blue_first: bool
    activation: str


def config_of(checkpoint: Checkpoint) -> X3DConfig:
    """The checkpoint's own settings; ``ModelError`` names all keys that are missing or hold what cannot be."""
    for key, name in _NAMES.items():
        if (found := _at(checkpoint.settings, key)) != name:
            told = "is missing" if found is _ABSENT else f"is {found}"
            raise ModelError(f"{checkpoint.path} is no X3D: in its cfg {key} {told}, and recognizer=x3d reads {name}")
    values = {key: _at(checkpoint.settings, key) for key in _RULES}
    values = {key: _DEFAULTS.get(key, _ABSENT) if value is _ABSENT else value for key, value in values.items()}
    lost = [key for key, value in values.items() if value is _ABSENT]
    faults = [f"missing {', '.join(lost)}"] if lost else []
    for key, (holds, rule) in _RULES.items():
        if values[key] is not _ABSENT and not holds(values[key]):
            faults.append(f"{key} must be {rule}, got {values[key]!r}")
    for key, only in _ONLY.items():
        if (found := _at(checkpoint.settings, key)) not in (_ABSENT, only):
            faults.append(f"{key} must be {only!r}, got {found!r}: X3D of another kind is not offered")
    faults = faults or _small(values)
    if faults:
        raise ModelError(f"{checkpoint.path}: its cfg: {'; '.join(faults)}")
    return _config(values)


def _config(values: Mapping[str, Any]) -> X3DConfig:
    return X3DConfig(
        X3DShape(
            behaviours=values["MODEL.NUM_CLASSES"],
            frames=values["DATA.NUM_FRAMES"],
            crop=values["DATA.TRAIN_CROP_SIZE"],
            width=values["X3D.WIDTH_FACTOR"],
            depth=values["X3D.DEPTH_FACTOR"],
            bottleneck=values["X3D.BOTTLENECK_FACTOR"],
            first=values["X3D.DIM_C1"],
            last=values["X3D.DIM_C5"],
            scale_second=values["X3D.SCALE_RES2"],
            norm_last=values["X3D.BN_LIN5"],
            stride_first=values["RESNET.STRIDE_1X1"],
        ),
        rate=values["DATA.SAMPLING_RATE"],
        preprocessing=Preprocessing(
            resize=(values["DATA.TEST_CROP_SIZE"],),
            crop=(),
            mean=tuple(values["DATA.MEAN"]),
            std=tuple(values["DATA.STD"]),
            antialias=False,  # OpenCV's bilinear, as kabr-tools does it
        ),
        blue_first=values["DATA.REVERSE_INPUT_CHANNEL"],
        activation=values["MODEL.HEAD_ACT"],
    )


def _small(values: Mapping[str, Any]) -> list[str]:
    """Is the picture too small for the head's pooling?"""
    shown, pooled = (math.ceil(values[f"DATA.{name}_CROP_SIZE"] / SHRINKS) for name in ("TEST", "TRAIN"))
    told = f"DATA.TEST_CROP_SIZE {values['DATA.TEST_CROP_SIZE']} leaves {shown} rows"
    return [f"{told}, and the head pools over {pooled} (DATA.TRAIN_CROP_SIZE)"] if shown < pooled else []


def _at(settings: Any, key: str) -> Any:
    for name in key.split("."):
        if not isinstance(settings, Mapping) or name not in settings:
            return _ABSENT
        settings = settings[name]
    return settings


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < math.inf


def _whole(value: Any) -> bool:
    return _number(value) and isinstance(value, int)


def _three(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(each == 0 or _number(each) for each in value)


def _three_above(value: Any) -> bool:
    return _three(value) and min(value) > 0


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _act(value: Any) -> bool:
    return value in ACTIVATIONS


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(
        [
            "MODEL.NUM_CLASSES",
            "DATA.NUM_FRAMES",
            "DATA.SAMPLING_RATE",
            "DATA.TRAIN_CROP_SIZE",
            "DATA.TEST_CROP_SIZE",
            "X3D.DIM_C1",
            "X3D.DIM_C5",
        ],
        (_whole, "a whole number > 0"),
    ),
    **dict.fromkeys(["X3D.WIDTH_FACTOR", "X3D.DEPTH_FACTOR", "X3D.BOTTLENECK_FACTOR"], (_number, "a number > 0")),
    "DATA.MEAN": (_three, "three numbers >= 0"),
    "DATA.STD": (_three_above, "three numbers > 0"),
    **dict.fromkeys(
        ["DATA.REVERSE_INPUT_CHANNEL", "X3D.SCALE_RES2", "X3D.BN_LIN5", "RESNET.STRIDE_1X1"], (_flag, "true or false")
    ),
    "MODEL.HEAD_ACT": (_act, f"one of {', '.join(ACTIVATIONS)}"),
}
_DEFAULTS = dict.fromkeys(["X3D.SCALE_RES2", "X3D.BN_LIN5", "RESNET.STRIDE_1X1"], False)  # younger than the first X3D
_ONLY: dict[str, Any] = {  # said by every X3D that SlowFast's own configs make
    "RESNET.TRANS_FUNC": "x3d_transform",
    "RESNET.SPATIAL_DILATIONS": [[1]] * 4,
    "X3D.CHANNELWISE_3x3x3": True,
    "NONLOCAL.LOCATION": [[[]]] * 4,
    "DETECTION.ENABLE": False,
    "DATA.INPUT_CHANNEL_NUM": [3],
}
