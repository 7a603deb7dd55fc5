"""Do two coders' time budgets agree? Bland and Altman's limits, Lin's concordance; an animal is one pair of shares.

Bland and Altman 1986, Lancet i: 307-310, limits of the limits as there and 1999, Stat Methods Med Res 8: 135-160
(t distribution, variance of a limit ``sd^2 (1 / n + z^2 / (2 (n - 1)))``). Concordance: Lin 1989,
Biometrics 45: 255-268, its limits by Fisher's z with the variance as corrected in 2000 (Biometrics 56: 324-325).
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement.settings import AgreementSettings
from pipeline.ethology.agreement.tables import BUDGET_AGREEMENT
from pipeline.ethology.limits import too_few
from pipeline.words import plural

_LIMIT = 1.96  # of agreement, as everybody draws them
_ANIMALS, _TRACKS = ("animal or video", "animals or videos"), ("track", "tracks")


def budget_agreement(budgets: pd.DataFrame, settings: AgreementSettings) -> pd.DataFrame:
    """``tables.BUDGET_AGREEMENT`` from ``tables.BUDGETS``; of animals that were compared for ``min_compared_s``."""
    keys = ["coder_a", "coder_b", "behaviour"]
    rows = [
        dict(zip(keys, key, strict=True)) | _of_behaviour(own, settings)
        for key, own in budgets.groupby(keys, sort=False)
    ]
    if not rows:
        return BUDGET_AGREEMENT.empty()
    return BUDGET_AGREEMENT.cast(pd.DataFrame(rows).reindex(columns=BUDGET_AGREEMENT.names))


def long_enough(budgets: pd.DataFrame, settings: AgreementSettings) -> pd.DataFrame:
    """The rows of ``tables.BUDGETS`` of animals that were compared for ``least_s``."""
    return budgets[budgets["compared_s"] >= least_s(budgets, settings)]


def least_s(budgets: pd.DataFrame, settings: AgreementSettings) -> float:
    """``min_compared_s``, but half the median time that these animals were compared where that is less, as of clips."""
    return min(settings.min_compared_s, float(budgets["compared_s"].median()) / 2) if len(budgets) else 0.0


def _of_behaviour(own: pd.DataFrame, settings: AgreementSettings) -> dict[str, Any]:
    """The figures of one behaviour, and how many animals are too short for them."""
    kept = long_enough(own, settings)
    first, second = (kept[name].to_numpy(dtype=np.float64) for name in ("share_a", "share_b"))
    what = _TRACKS if own["animal"].str.fullmatch(r".+#\d+").all() else _ANIMALS
    row = compared(first, second, settings, what)
    short = len(own) - len(kept)
    left_out = f"; {short} left out, compared for under {least_s(own, settings):g} s" if short else ""
    return row | {"method": f"{row['method']}{left_out}"}


def compared(
    first: FloatArray, second: FloatArray, settings: AgreementSettings, what: tuple[str, str] = _ANIMALS
) -> dict[str, Any]:
    """The figures of one behaviour from the shares ``[n]`` and ``[n]``; under ``min_units`` animals the bias alone.

    ``what`` the shares are of, one and several.
    """
    number, apart = len(first), second - first
    row: dict[str, Any] = {"n": number, "bias": float(apart.mean()) if number else np.nan}
    if number < settings.min_units:
        few = too_few([(number, plural(number, *what))], settings.min_units)
        return row | {"method": f"bias only: {few}"}
    if (first == 0).all() and (second == 0).all():
        return row | {"method": "bias only: nobody says it of any animal"}
    t = -float(stdtrit(number - 1, (1 - settings.confidence) / 2))
    deviation = float(apart.std(ddof=1))
    half = t * deviation / np.sqrt(number)
    row |= {"bias_low": row["bias"] - half, "bias_high": row["bias"] + half}
    half = t * deviation * np.sqrt(1 / number + _LIMIT**2 / (2 * (number - 1)))
    for name, sign in (("loa_low", -1), ("loa_high", 1)):
        limit = row["bias"] + sign * _LIMIT * deviation
        row |= {name: limit, f"{name}_low": limit - half, f"{name}_high": limit + half}
    names = ("concordance", "concordance_low", "concordance_high")
    row |= dict(zip(names, concordance(first, second, settings.confidence), strict=True))
    how = f"by t, of the concordance by Fisher's z; {what[1]} taken as independent"
    return row | {"method": f"{100 * settings.confidence:g} % limits {how}"}


def concordance(first: FloatArray, second: FloatArray, confidence: float) -> tuple[float, float, float]:
    """Lin's concordance correlation and its limits; NaN where one of the two does not vary."""
    (a, cross), (_, b) = np.cov(first, second, ddof=0)
    if a <= 0 or b <= 0:
        return np.nan, np.nan, np.nan
    shift = float(first.mean() - second.mean())
    value, r = float(2 * cross / (a + b + shift**2)), float(cross / np.sqrt(a * b))
    if abs(r) < 1e-9 or 1 - value**2 < 1e-12 or len(first) < 3:
        return value, np.nan, np.nan
    u = shift**2 / np.sqrt(a * b)
    part = (1 - r**2) * value**2 / ((1 - value**2) * r**2)
    part += 2 * value**3 * (1 - value) * u / (r * (1 - value**2) ** 2)
    part -= value**4 * u**2 / (2 * r**2 * (1 - value**2) ** 2)
    half = float(ndtri((1 + confidence) / 2)) * np.sqrt(max(part, 0.0) / (len(first) - 2))
    low, high = np.tanh(np.arctanh(value) + np.array([-half, half]))
    return value, float(low), float(high)
