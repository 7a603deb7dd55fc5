"""How far back the next behaviour depends on: nothing, the last code, or the last two.

Likelihood ratios of Markov chains of order 0, 1 and 2 (Anderson and Goodman 1957, Ann Math Stat 28: 89-110), all fitted
to the same steps: codes with two before them in their stretch. Free probabilities are counted where something can be: a
context that was seen has one less than the codes that can follow it, and a code that cannot follow itself is not one of
them (Billingsley 1961, Ann Math Stat 32: 12-40). Order 0 where no code follows itself is quasi-independence given the
code before, see ``expected.py``.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import xlogy

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.sequences.cells import coded, form_of
from pipeline.ethology.sequences.codes import Codes, pairs
from pipeline.ethology.sequences.expected import chance
from pipeline.ethology.sequences.settings import SequenceSettings
from pipeline.ethology.sequences.stretches import groups
from pipeline.ethology.sequences.tables import ORDER
from pipeline.ethology.statistics import StatisticsSettings, chi_square_p
from pipeline.types import IntArray
from pipeline.words import plural


def transition_order(
    bouts: pd.DataFrame, ethogram: Ethogram, statistics: StatisticsSettings, settings: SequenceSettings
) -> pd.DataFrame:
    """``tables.ORDER``: three rows for each group, set and form. The interval form's order depends on its step."""
    rows: list[dict[str, Any]] = []
    for who, found in groups(bouts, ethogram, settings.by):
        for codes, of in coded(found, statistics.interval_s):
            head = {**who, **form_of(codes)}
            behind = of.behind(np.unique(codes.bout[pairs(codes.stretch, 2)]))
            rows += [{**head, **row, **behind} for row in _orders(triples(codes), codes.repeats(1), settings)]
    return ORDER.cast(pd.DataFrame(rows)) if rows else ORDER.empty()


def triples(codes: Codes) -> IntArray:
    """How often ``[K, K, K]`` each code followed each pair of codes."""
    first, kinds = pairs(codes.stretch, 2), codes.kinds
    flat = (codes.code[first] * kinds + codes.code[first + 1]) * kinds + codes.code[first + 2]
    return np.bincount(flat, minlength=kinds**3).reshape(kinds, kinds, kinds).astype(np.int64)


def likelihoods(counts: IntArray, repeats: bool) -> tuple[FloatArray, IntArray]:
    """Log likelihood and number of parameters of the orders 0, 1 and 2 for ``counts [K, K, K]``."""
    two = counts.sum(axis=0)
    fit = chance(two, repeats)
    told = [(two, fit.expected), (two, two), (counts, counts)]
    log_likelihood = np.array([float(np.sum(_log_share(seen, model)[seen > 0])) for seen, model in told])
    can_follow = fit.cells.sum(axis=1)
    first = int(np.maximum(can_follow - 1, 0).sum())
    contexts = counts.sum(axis=2) > 0
    second = int((contexts * np.maximum(can_follow - 1, 0)[None, :]).sum())
    return log_likelihood, np.array([first - fit.df, first, second], dtype=np.int64)


def _log_share(seen: IntArray, model: IntArray | FloatArray) -> FloatArray:
    """Seen counts by the log of the model's share of each within its context, the last axis."""
    whole = model.sum(axis=-1, keepdims=True)
    share = np.divide(model, whole, out=np.zeros(model.shape), where=whole > 0)
    result: FloatArray = xlogy(seen, share)
    return result


def _orders(counts: IntArray, repeats: bool, settings: SequenceSettings) -> list[dict[str, Any]]:
    """The rows of one table; figures are empty where there is too little to tell, and none is best without a choice."""
    steps = int(counts.sum())
    log_likelihood, parameters = likelihoods(counts, repeats)
    enough = steps >= settings.min_steps and bool(np.isfinite(log_likelihood).all())
    aic, bic = -2 * log_likelihood + 2 * parameters, -2 * log_likelihood + np.log(max(steps, 1)) * parameters
    g2, df = np.maximum(2 * np.diff(log_likelihood), 0.0), np.diff(parameters)
    why_not = "" if enough else _too_few(steps, settings)
    if enough and not df.any():
        why_not = "not tested: two behaviours that take turns leave no choice"
    rows = []
    for order in range(3):
        tested = enough and order > 0 and df[order - 1] > 0
        rows.append(
            {
                "order": order,
                "steps": steps,
                "parameters": int(parameters[order]),
                "log_likelihood": log_likelihood[order] if enough else np.nan,
                "aic": aic[order] if enough else np.nan,
                "bic": bic[order] if enough else np.nan,
                "g2": g2[order - 1] if tested else np.nan,
                "df": int(df[order - 1]) if order else 0,
                "p": chi_square_p(g2[order - 1], df[order - 1]) if tested else np.nan,
                "best_aic": not why_not and order == int(np.argmin(aic)),
                "best_bic": not why_not and order == int(np.argmin(bic)),
                "method": why_not or _method(steps, int(parameters[order]), settings),
            }
        )
    return rows


def _method(steps: int, parameters: int, settings: SequenceSettings) -> str:
    few = f", under {settings.min_expected:g} steps a parameter: p is not to be trusted"
    return "likelihood ratio" + few * (steps < settings.min_expected * parameters)


def _too_few(steps: int, settings: SequenceSettings) -> str:
    if steps < settings.min_steps:
        return f"not tested: {plural(steps, 'step')} with two behaviours before, fewer than {settings.min_steps}"
    return "not tested: expected counts could not be fitted"
