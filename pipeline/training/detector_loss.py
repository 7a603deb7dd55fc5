"""Pictures as a YOLO's loss takes them, and a loss of the classes that leaves ignore regions alone."""

from typing import Any

import numpy as np

from pipeline.training.detector_pixels import Picture


def batch_of(pictures: list[Picture]) -> tuple[dict[str, Any], list[Any]]:
    """The batch as the loss takes it, boxes as shares of the side; and the ignore regions [n, 4] of each picture."""
    import torch

    images = np.stack([picture.image for picture in pictures])
    px = images.shape[1]
    xyxy = np.concatenate([picture.xyxy[picture.counts] for picture in pictures]) / px
    middle, size = (xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]
    batch = {
        "img": torch.from_numpy(images).permute(0, 3, 1, 2).contiguous().float() / 255,
        "batch_idx": torch.from_numpy(np.repeat(np.arange(len(pictures)), [p.counts.sum() for p in pictures])).float(),
        "cls": torch.from_numpy(np.concatenate([p.label[p.counts] for p in pictures])).float()[:, None],
        "bboxes": torch.from_numpy(np.concatenate([middle, size], axis=1)).float(),
    }
    return batch, [torch.from_numpy(p.xyxy[~p.counts]).float() for p in pictures]


def unignored(criterion: Any, ignored: list[Any]) -> Any:
    """The loss of the classes, 0 at the anchors inside ignore regions that stand for no animal."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    def loss(scores: Any, targets: Any) -> Any:
        """``[B, A, K]``; anchors A are level by level, row by row, in the middle of their cells."""
        raw = binary_cross_entropy_with_logits(scores, targets, reduction="none")
        at = _anchors(scores.shape[1], criterion.stride.tolist())
        for k, regions in enumerate(ignored):
            if len(regions):
                inside = ((at[:, None] >= regions[None, :, :2]) & (at[:, None] < regions[None, :, 2:])).all(2).any(1)
                raw[k] = raw[k] * (~inside | (targets[k].sum(1) > 0))[:, None]
        return raw

    def _anchors(count: int, strides: list[float]) -> Any:
        side = (count / sum(s**-2 for s in strides)) ** 0.5  # of the square picture: sum of (side / stride)^2 = count
        levels = [torch.arange(s / 2, side, s) for s in strides]
        grids = [torch.stack(torch.meshgrid(a, a, indexing="xy"), -1).reshape(-1, 2) for a in levels]
        return torch.cat(grids)

    return loss
