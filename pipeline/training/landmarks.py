"""Where parts of the animal are, told while a network is trained: it learns to look at them before behaviours teach it.

Only who makes clips knows it (the simulator's skeleton does). For every landmark and every tubelet in time a layer of
its own has to point at the patch that holds it; the layer is thrown away when the model is saved, its network is that
of any other VideoMAE. An auxiliary task from a source that is not there at test time (Vapnik & Vashist 2009, Neural
Networks 22:544-557, privileged information; Caruana 1997, Machine Learning 28:41-75).

Letters: B clips, T frames, t tubelets, h x w patches, P landmarks, D width.
"""

from typing import Any

import numpy as np

from pipeline.boxes import FloatArray

MIRRORED = [
    0,
    1,
    2,
    3,
    6,
    7,
    4,
    5,
]  # the landmark that each becomes in a mirror: muzzle, poll, withers, rump, four hooves
_NEVER = -1e4  # the logit of a patch that was left out


def pointer(width: int, seed: int) -> Any:
    """The layer that points: D numbers of a patch to P logits."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.nn.Linear(width, len(MIRRORED))


def patches_of(landmarks: FloatArray, grid: tuple[int, int, int]) -> Any:
    """Number of the patch ``[B, t, P]`` that holds each landmark, -1 where it is outside the picture or unknown.

    ``landmarks`` [B, T, P, 2] are shares of the picture's width and height; ``grid`` is t, h, w.
    """
    t, h, w = grid
    b, frames, p, _ = landmarks.shape
    place = landmarks.reshape(b, t, frames // t, p, 2).mean(axis=2)
    inside = ((place >= 0) & (place < 1)).all(axis=-1)  # NaN is not
    column, row = (np.where(inside, place[..., k] * size, 0).astype(np.int64) for k, size in ((0, w), (1, h)))
    return np.where(inside, row * w + column, -1)


def pointing_loss(pointed: Any, wanted: Any, left_out: Any | None) -> Any:
    """Mean cross entropy of the patch that each landmark is in; 0 where none is known.

    ``pointed`` [B, n, P] are logits of the patches that were seen, ``wanted`` [B, t, P] as from ``patches_of`` and
    ``left_out`` bool [B, t h w] says which were not seen.
    """
    import torch

    b, t, p = wanted.shape
    if left_out is None:
        every = pointed
    else:
        every = pointed.new_full((b, left_out.shape[1], p), _NEVER)
        every[~left_out] = pointed.reshape(-1, p)
    logits = every.reshape(b, t, -1, p).transpose(2, 3).reshape(b * t * p, -1).float()
    wanted = wanted.reshape(-1)
    known = wanted >= 0
    if left_out is not None:
        unseen = left_out.reshape(b, t, 1, -1).expand(b, t, p, -1).reshape(b * t * p, -1)
        known &= ~unseen.gather(1, wanted.clamp(min=0)[:, None])[:, 0]
    if not known.any():
        return logits.sum() * 0
    return torch.nn.functional.cross_entropy(logits[known], wanted[known])
