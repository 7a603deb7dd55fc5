"""What is taken for what: the matrices that correct budgets, as a table."""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.correction.held_out import HeldOut, Matrices
from pipeline.ethology.correction.matrix import condition, predictive, rates
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.ethogram import UNKNOWN
from pipeline.ethology.tally import ALL


def confusions(clips: HeldOut, settings: CorrectionSettings) -> pd.DataFrame:
    """``tables.CONFUSIONS`` of one set, without it and ``chose_checkpoint``.

    Of all clips, then of each species of the study that has any.
    """
    names, counts = clips.naming.names, clips.counts
    whole = counts.sum(axis=(0, 1))
    blocks = [_matrix(ALL, counts.sum(axis=1), rates(whole), predictive(whole), names)]
    of_species = Matrices.of(counts.sum(axis=0), settings.prior_clips)
    for number, kind in enumerate(clips.species):
        own = counts[:, number]
        if own.any() and kind:
            blocks.append(_matrix(kind, own, of_species.rate[number], of_species.value[number], names))
    return pd.concat(blocks)


def _matrix(kind: str, counts: FloatArray, rate: FloatArray, value: FloatArray, names: tuple[str, ...]) -> pd.DataFrame:
    """The rows of one matrix from ``counts [G, K, T]``."""
    k, t = rate.shape
    by_true = counts.sum(axis=2)
    return pd.DataFrame(
        {
            "species": kind,
            "true": np.repeat(np.array(names, dtype=object), t),
            "told": np.tile(np.array([*names, UNKNOWN], dtype=object), k),
            "clips": counts.sum(axis=0).reshape(-1),
            "true_clips": np.repeat(by_true.sum(axis=0), t),
            "true_recordings": np.repeat((by_true > 0).sum(axis=0), t),
            "rate": rate.reshape(-1),
            "predictive": value.reshape(-1),
            "condition": condition(rate) if np.isfinite(rate).all() else np.nan,
        }
    )
