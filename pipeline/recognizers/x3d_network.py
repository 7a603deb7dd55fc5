"""X3D, a small video network grown along time, space, width and depth, with SlowFast's names of its layers.

Feichtenhofer, C. (2020). X3D: Expanding Architectures for Efficient Video Recognition. CVPR, 203-213. Its blocks
squeeze and excite (Hu et al. 2018, CVPR), with swish inside (Ramachandran et al. 2017). The layers are a tree of names,
so that a state dict of SlowFast loads one to one; what is done with them is in the functions below.

Letters: B windows, C channels, T frames, H x W pixels, D inner channels, P positions of the head, K behaviours.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_REPEATS = (1, 2, 5, 3)  # blocks of the four stages at depth 1; each stage has twice the channels of the one before
_SQUEEZED = 1 / 16  # channels of squeeze and excitation, as a share of the block's inner ones
SHRINKS = 32  # a side of the picture after the stem and four stages, all of stride 2, is 1/32, rounded up


@dataclass(frozen=True)
class X3DShape:
    """What decides the layers of an X3D. X3D-L is width 2, depth 5, bottleneck 2.25, first 12, last 2048.

    ``frames`` and ``crop`` (pixels of a side in training) are what the head pools over at once; a longer or larger clip
    has several such positions.
    """

    behaviours: int
    frames: int
    crop: int
    width: float
    depth: float
    bottleneck: float
    first: int  # channels of the stem at width 1
    last: int  # channels before the last layer
    scale_second: bool = False  # the first stage has twice the stem's channels, like the later ones
    norm_last: bool = False  # a batch norm before the last layer
    stride_first: bool = False  # blocks shrink in their first convolution, not in the one over space and time

    def __post_init__(self) -> None:
        for name in ("behaviours", "frames", "crop", "width", "depth", "bottleneck", "first", "last"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be > 0, got {getattr(self, name)}")

    @property
    def channels(self) -> tuple[int, ...]:
        """Of the stem and of the four stages."""
        stages = [_rounded(self.first, 2, 8) if self.scale_second else self.first]
        while len(stages) < len(_REPEATS):
            stages.append(_rounded(stages[-1], 2, 8))
        return tuple(_rounded(wide, self.width, 1) for wide in (self.first, *stages))

    @property
    def repeats(self) -> tuple[int, ...]:
        """Blocks of the four stages."""
        return tuple(math.ceil(self.depth * count) for count in _REPEATS)

    @property
    def pooled(self) -> tuple[int, int, int]:
        """Frames, rows and columns of the last stage's output that the head pools over at once."""
        side = math.ceil(self.crop / SHRINKS)
        return self.frames, side, side


def layers(shape: X3DShape) -> Any:
    """The layers with random weights, a ``torch.nn.ModuleDict``."""
    from torch import nn

    parts: dict[str, Any] = {"s1": _named(pathway0_stem=_stem(shape.channels[0]))}
    stages = zip(pairwise(shape.channels), shape.repeats, strict=True)
    for number, ((given, wide), count) in enumerate(stages, start=2):
        blocks = {
            f"pathway0_res{k}": _block(wide if k else given, wide, int(shape.bottleneck * wide), k, shape.stride_first)
            for k in range(count)
        }
        parts[f"s{number}"] = _named(**blocks)
    return nn.ModuleDict({**parts, "head": _head(shape)})


def logits(network: Any, clips: Any, pooled: tuple[int, int, int]) -> Any:
    """``float [B, C, T, H, W]`` -> ``[B, P, K]``, one row for each place of the pooling window."""
    x = _through_stem(network["s1"]["pathway0_stem"], clips)  # [B, C, T, H/2, W/2]
    for name in ("s2", "s3", "s4", "s5"):
        for block in network[name].values():
            x = _through_block(block, x)
    return _through_head(network["head"], x, pooled)


def _rounded(channels: float, factor: float, divisor: int, least: int = 1) -> int:
    """Channels times factor, to the nearest multiple of the divisor; not under 0.9 of what was asked for."""
    wanted = channels * factor
    near = max(least, int(wanted + divisor / 2) // divisor * divisor)
    return near + divisor if near < 0.9 * wanted else near


def _stem(wide: int) -> Any:
    """Space first, then time channel by channel; no pooling follows."""
    return _named(
        conv_xy=_conv(3, wide, (1, 3, 3), stride=2),
        conv=_conv(wide, wide, (5, 1, 1), groups=wide),
        bn=_norm(wide),
    )


def _block(given: int, wide: int, inner: int, place: int, stride_first: bool) -> Any:
    """A bottleneck turned over: wide inside, where space and time are filtered channel by channel.

    The first block of a stage halves the picture; every second one, from the first, squeezes and excites.
    """
    stride = 1 if place else 2
    at_a, at_b = (stride, 1) if stride_first else (1, stride)
    parts = {
        "a": _conv(given, inner, (1, 1, 1), stride=at_a),
        "a_bn": _norm(inner),
        "b": _conv(inner, inner, (3, 3, 3), stride=at_b, groups=inner),
        "b_bn": _norm(inner),
        **({} if place % 2 else {"se": _excitation(inner)}),
        "c": _conv(inner, wide, (1, 1, 1)),
        "c_bn": _norm(wide),
    }
    if place and given == wide:
        return _named(branch2=_named(**parts))
    beside = {"branch1": _conv(given, wide, (1, 1, 1), stride=stride), "branch1_bn": _norm(wide)}
    return _named(**beside, branch2=_named(**parts))


def _excitation(inner: int) -> Any:
    squeezed = _rounded(inner, _SQUEEZED, 8, least=8)
    return _named(
        fc1=_conv(inner, squeezed, (1, 1, 1), bias=True),
        fc2=_conv(squeezed, inner, (1, 1, 1), bias=True),
    )


def _head(shape: X3DShape) -> Any:
    from torch import nn

    wide = shape.channels[-1]
    inner = int(shape.bottleneck * wide)
    return _named(
        conv_5=_conv(wide, inner, (1, 1, 1)),
        conv_5_bn=_norm(inner),
        lin_5=_conv(inner, shape.last, (1, 1, 1)),
        **({"lin_5_bn": _norm(shape.last)} if shape.norm_last else {}),
        projection=nn.Linear(shape.last, shape.behaviours),
    )


def _through_stem(stem: Any, clips: Any) -> Any:
    return stem["bn"](stem["conv"](stem["conv_xy"](clips))).relu_()


def _through_block(block: Any, x: Any) -> Any:
    """``[B, C, T, H, W]`` -> the same, or the stage's channels and half the picture."""
    inside, b = block["branch2"], x
    b = inside["a_bn"](inside["a"](b)).relu_()  # [B, D, T, H, W]
    b = inside["b_bn"](inside["b"](b))
    if "se" in inside:
        b = b * _excited(inside["se"], b)
    b = b * b.sigmoid()  # swish
    b = inside["c_bn"](inside["c"](b))
    beside = block["branch1_bn"](block["branch1"](x)) if "branch1" in block else x
    return b.add_(beside).relu_()


def _excited(part: Any, x: Any) -> Any:
    """How much each channel counts: ``[B, D, T, H, W]`` -> ``[B, D, 1, 1, 1]`` in (0, 1)."""
    mean = x.mean((2, 3, 4), keepdim=True)
    return part["fc2"](part["fc1"](mean).relu_()).sigmoid()


def _through_head(head: Any, x: Any, pooled: tuple[int, int, int]) -> Any:
    from torch.nn.functional import avg_pool3d

    x = head["conv_5_bn"](head["conv_5"](x)).relu_()  # [B, D, T, H/32, W/32]
    x = head["lin_5"](avg_pool3d(x, pooled, stride=1))  # [B, C, positions in time, down and across]
    if "lin_5_bn" in head:
        x = head["lin_5_bn"](x)
    return head["projection"](x.relu_().flatten(2).transpose(1, 2))  # [B, P, C] -> [B, P, K]


def _named(**parts: Any) -> Any:
    from torch import nn

    return nn.ModuleDict(parts)


def _conv(
    given: int, wide: int, kernel: tuple[int, int, int], stride: int = 1, groups: int = 1, bias: bool = False
) -> Any:
    """A convolution that keeps the frames; ``stride`` is of space alone."""
    from torch import nn

    padding = tuple(side // 2 for side in kernel)
    return nn.Conv3d(given, wide, kernel, (1, stride, stride), padding, groups=groups, bias=bias)


def _norm(channels: int) -> Any:
    from torch import nn

    return nn.BatchNorm3d(channels, eps=1e-5)
