"""p of the tests of one table corrected for their number, by the means of the tests of transitions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.ethology.sequences.permutation import corrected, correction_words
from pipeline.ethology.sequences.settings import Correction


def with_corrected(
    table: pd.DataFrame, family: Sequence[str], correction: Correction, draws: int, alpha: float
) -> pd.DataFrame:
    """The rows of ``table``, in their order, with ``p_corrected``, and in ``method`` over how many tests of a family.

    ``family`` are the columns in which tests that are corrected together agree (none: all are); each ``p`` rests on so
    many ``draws``.
    """
    parts = []
    for _, rows in table.groupby(list(family), sort=False) if family else [((), table)]:
        p = rows["p"].to_numpy(dtype=np.float64)
        tested, number = np.isfinite(p), int(np.isfinite(p).sum())
        words = f"; p_corrected: {correction_words(correction, number, 'test', draws, alpha)}" if number > 1 else ""
        method = rows["method"].where(~tested, rows["method"] + words)
        parts.append(rows.assign(p_corrected=corrected(p, correction), method=method))
    return pd.concat(parts).sort_index() if parts else table
