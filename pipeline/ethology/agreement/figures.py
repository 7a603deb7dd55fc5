"""The figures of an agreement, with limits: tallies are added up over units, units are resampled whole.

``ethology.statistics`` has the sources of the intervals; what lies within a session or a video is not independent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.ethology.agreement import kappa as k
from pipeline.ethology.agreement.alignment import alignment_kappa, positive_agreement
from pipeline.ethology.agreement.alpha import alpha
from pipeline.ethology.agreement.settings import AgreementSettings
from pipeline.ethology.agreement.u_alpha import u_alpha
from pipeline.ethology.limits import too_few
from pipeline.ethology.statistics import expanded_tail
from pipeline.words import plural

Values = dict[tuple[str, str], FloatArray]  # (behaviour or "", figure): [...]
ONE_THING = "not defined: both together say one thing only, so that chance cannot be told from agreement"
NO_TIME = "not defined: nothing to compare"
ADDS_NOT = "point only: it does not add up over videos"


@dataclass(frozen=True)
class Tallies:
    """Tallies by unit; rows are the first coder's words, columns the second's. ``near_*``: see ``time_units``."""

    time: FloatArray  # [U, K, K]
    near_a: FloatArray  # [U, K, K]
    near_b: FloatArray  # [U, K, K]


def of_time(tallies: Tallies, weights: FloatArray, names: Sequence[str]) -> Values:
    """By time units ``[R]``, each unit counted as ``weights [R, U]`` says."""
    time, near_a, near_b = (_added(one, weights) for one in (tallies.time, tallies.near_a, tallies.near_b))
    whole = tallies.time.sum(axis=0)
    said = int(((whole.sum(axis=0) + whole.sum(axis=1)) > 0).sum())
    values: Values = {
        ("", "kappa"): k.kappa(time),
        ("", "kappa_tolerance_a"): k.kappa(near_a),
        ("", "kappa_tolerance_b"): k.kappa(near_b),
        ("", "agreement"): k.agreement(time),
        ("", "agreement_tolerance_a"): k.agreement(near_a),
        ("", "agreement_tolerance_b"): k.agreement(near_b),
        ("", "kappa_max"): k.kappa_max(time),
        ("", "pabak"): k.pabak(time, said),
        ("", "alpha"): alpha(time + np.swapaxes(time, -1, -2)),
    }
    two = k.one_against_rest(time)
    by_one = {
        "kappa": k.kappa(two),
        "kappa_tolerance_a": k.kappa(k.one_against_rest(near_a)),
        "kappa_tolerance_b": k.kappa(k.one_against_rest(near_b)),
        "agreement": k.agreement(two),
        "kappa_max": k.kappa_max(two),
        "pabak": k.pabak(two),
        "prevalence_index": k.prevalence_index(two),
        "bias_index": k.bias_index(two),
        "weight": k.weights(time),
    }
    return values | _each(by_one, names)


def of_links(tally: FloatArray, weights: FloatArray, names: Sequence[str]) -> Values:
    """By alignment ``[R]``, from ``[U, K + 1, K + 1]``."""
    whole = _added(tally, weights)
    values = {("", "kappa"): alignment_kappa(whole), ("", "agreement"): k.agreement(whole)}
    return values | _each({"positive_agreement": positive_agreement(whole)}, names)


def of_all(pairs: FloatArray, weights: FloatArray) -> Values:
    """Krippendorff's alpha of all coders ``[R]``, from coincidences ``[U, K, K]``."""
    return {("", "alpha"): alpha(_added(pairs, weights))}


def of_wholes(tallies: tuple[FloatArray, FloatArray], weights: FloatArray) -> Values:
    """Krippendorff's u-alpha of all coders ``[R]``, from coincidences ``[U, K, K]`` and ``within_bouts`` ``[U]``."""
    pairs, within = (_added(one, weights) for one in tallies)
    return {("", "u_alpha"): u_alpha(pairs, within)}


def _added(tally: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray(np.tensordot(weights, tally, axes=1))


def _each(by_one: Mapping[str, FloatArray], names: Sequence[str]) -> Values:
    return {(name, figure): values[..., j] for j, name in enumerate(names) for figure, values in by_one.items()}


def amounts(tally: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What either says of each thing in each unit ``[U, K]``, and of all ``[U]``; ``tally`` is ``[U, K, K]``."""
    both = np.einsum("ukk->uk", tally)
    return tally.sum(axis=1) + tally.sum(axis=2) - both, tally.sum(axis=(1, 2))


def drawn(units: int, settings: AgreementSettings) -> FloatArray:
    """How often each unit counts in each resample ``[R, units]``."""
    rng = np.random.default_rng(settings.seed)
    return rng.multinomial(units, np.full(units, 1 / units), size=settings.resamples).astype(np.float64)


def rows(
    point: Values,
    samples: Values | None,
    behind: Mapping[str, tuple[float, int]],
    units: int,
    settings: AgreementSettings,
) -> list[dict[str, Any]]:
    """The rows of ``tables.AGREEMENT`` without coders and basis.

    ``behind`` is, by behaviour (``""``: all), what a figure rests on, and in how many units there is any. ``samples``
    None: there are too few ``units`` in all.
    """
    made = []
    for (behaviour, figure), value in point.items():
        amount, there = behind[behaviour]
        row = {"behaviour": behaviour, "figure": figure, "value": float(value[0]), "n": amount, "n_units": there}
        row["method"] = f"{100 * settings.confidence:g} % cluster bootstrap over {units} units"
        if not np.isfinite(value[0]):
            row["method"] = ONE_THING if amount > 0 else NO_TIME
        elif samples is None or there < settings.min_units:
            holding = plural(there, "independent unit") + " with any of it"
            row["method"] = f"no interval: {too_few([(there, holding)], settings.min_units)}"
        else:
            told = samples[behaviour, figure][np.isfinite(samples[behaviour, figure])]
            tail = expanded_tail(units, settings.confidence)
            row["ci_low"], row["ci_high"] = np.quantile(told, [tail, 1 - tail]).tolist()
        made.append(row)
    return made
