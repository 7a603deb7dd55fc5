"""Pictures as a YOLO's loss takes them, and a loss of the classes that leaves ignore regions alone."""

from typing import Any

import numpy as np

from pipeline.training.detector_pixels import Picture


def batch_of(pictures: list[Picture]) -> tuple[dict[str, Any], Any]:
    """The batch as the loss takes it, boxes as shares of the side; its ignore regions ``[B, M, 4]``.

    ``img`` is still ``uint8 [B, 3, px, px]``. A picture with fewer regions than M has empty ones.
    """
    import torch

    images = np.stack([picture.image for picture in pictures])
    px = images.shape[1]
    xyxy = np.concatenate([picture.xyxy[picture.counts] for picture in pictures]) / px
    middle, size = (xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]
    batch = {
        "img": torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(),
        "batch_idx": torch.from_numpy(np.repeat(np.arange(len(pictures)), [p.counts.sum() for p in pictures])).float(),
        "cls": torch.from_numpy(np.concatenate([p.label[p.counts] for p in pictures])).float()[:, None],
        "bboxes": torch.from_numpy(np.concatenate([middle, size], axis=1)).float(),
    }
    regions = [torch.from_numpy(picture.xyxy[~picture.counts]).float() for picture in pictures]
    return batch, torch.nn.utils.rnn.pad_sequence(regions, batch_first=True)


def unignored(criterion: Any, ignored: Any) -> Any:
    """The loss of the classes, 0 at the anchors inside ignore regions ``[B, M, 4]`` that stand for no animal."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    def loss(scores: Any, targets: Any) -> Any:
        """``[B, A, K]``; anchors A are level by level, row by row, in the middle of their cells."""
        raw = binary_cross_entropy_with_logits(scores, targets, reduction="none")
        at = _anchors(scores.shape[1], criterion.stride.tolist()).to(scores.device)[None, :, None]  # [1, A, 1, 2]
        regions = ignored[:, None]  # [B, 1, M, 4]
        inside = ((at >= regions[..., :2]) & (at < regions[..., 2:])).all(3).any(2)
        return raw * (~inside | (targets.sum(2) > 0))[..., None]

    def _anchors(count: int, strides: list[float]) -> Any:
        side = (count / sum(s**-2 for s in strides)) ** 0.5  # of the square picture: sum of (side / stride)^2 = count
        levels = [torch.arange(s / 2, side, s) for s in strides]
        grids = [torch.stack(torch.meshgrid(a, a, indexing="xy"), -1).reshape(-1, 2) for a in levels]
        return torch.cat(grids)

    return loss
