"""What is held out of training: whole groups, so that no clip is judged by the twin it was learnt from."""

import math

import numpy as np
import pandas as pd

from pipeline.errors import UsageError
from pipeline.types import IntArray

_TRIES = 256


def split(rows: pd.DataFrame, held_out: float, seed: int) -> tuple[IntArray, IntArray]:
    """Numbers of the clips to train on and of those held out, both rising.

    About ``held_out`` of the groups are held out. Of many random choices by ``seed`` the one whose share of every
    behaviour is nearest to ``held_out`` is taken; every behaviour stays in training. ``UsageError`` where that cannot
    be: one group only, or a behaviour that occurs in a single group.
    """
    groups = sorted(set(rows["group"]))
    if len(groups) < 2:
        raise UsageError("all clips are of one group, so none can be held out; name the recording of each in `group`")
    counts = pd.crosstab(rows["group"], rows["behaviour"]).loc[groups]
    if single := [str(name) for name in counts if (counts[name] > 0).sum() < 2]:
        raise UsageError(
            f"behaviours that occur in one group only cannot be learnt and judged: {', '.join(single)}; "
            "label them in another recording, or take their rows out"
        )
    table, rng = counts.to_numpy(dtype=np.float64), np.random.default_rng([seed, 0x51])
    n = min(max(1, round(held_out * len(groups))), len(groups) - 1)
    best, chosen = math.inf, np.zeros(0, dtype=np.int64)
    for _ in range(_TRIES):
        choice = rng.permutation(len(groups))[:n]
        share = table[choice].sum(axis=0) / table.sum(axis=0)
        loss = float(np.abs(share - held_out).sum()) + (10.0 * float((share == 1).sum() + 0.5 * (share == 0).sum()))
        if loss < best:
            best, chosen = loss, choice
    out = rows["group"].isin([groups[k] for k in chosen]).to_numpy()
    if left := sorted(set(rows["behaviour"]) - set(rows["behaviour"][~out])):
        raise UsageError(f"no choice of held-out groups leaves {', '.join(left)} to learn from; label more recordings")
    return np.flatnonzero(~out).astype(np.int64), np.flatnonzero(out).astype(np.int64)
