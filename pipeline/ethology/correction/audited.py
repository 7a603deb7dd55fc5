"""What an audit says: how right the run is, and what the animals did, by windows that somebody looked at blindly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from pipeline.boxes import FloatArray
from pipeline.ethology.correction.design import Design, collapsed
from pipeline.ethology.correction.tables import AUDIT, AUDIT_ERRORS, AUDIT_KEY, PAIRED
from pipeline.ethology.ethogram import NOT_VISIBLE, UNKNOWN, Ethogram
from pipeline.ethology.limits import Spread, t_limits, too_few
from pipeline.types import BoolArray, IntArray
from pipeline.words import plural

LEAST_WINDOWS = 10  # behind a figure, under which it has no limits, and says little
_NOTHING = 1e-9  # a standard error that is one of rounding
_ALIKE = "no two answers in a stratum differ, which is no proof that none would"


def audited(
    filled: Mapping[str, "pd.Series[str]"], key: pd.DataFrame, ethogram: Ethogram, confidence: float = 0.95
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``tables.AUDIT`` and ``tables.AUDIT_ERRORS`` of what observers say, by name, as ``read_audit`` reads it.

    Windows that are empty or ``unknown`` are left out, and the others of their stratum stand for them. Each observer
    has figures of their own; two are also held against each other.
    """
    key = AUDIT_KEY.cast(key)
    figures: list[dict[str, Any]] = []
    errors: list[pd.DataFrame] = []
    for observer, said in filled.items():
        answers = _Answers.of(said, key, ethogram)
        if answers is not None:
            figures += [{"observer": observer} | row for row in _figures(answers, confidence)]
            errors.append(_errors(answers).assign(observer=observer, set=key["set"].iloc[0]))
    for (first, one), (second, other) in combinations(filled.items(), 2):
        both = {"observer": f"{first}{PAIRED}{second}"}
        figures += [both | row for row in _pair(one, other, key, ethogram, confidence)]
    table = pd.DataFrame(figures, columns=AUDIT.names).assign(set=key["set"].iloc[0]) if figures else AUDIT.empty()
    return AUDIT.cast(table), AUDIT_ERRORS.cast(pd.concat(errors)) if errors else AUDIT_ERRORS.empty()


@dataclass(frozen=True)
class _Answers:
    """``n`` answered windows: numbers of what is told and true among ``K`` names; ``K``: unknown, or not visible."""

    names: tuple[str, ...]
    told: IntArray
    true: IntArray
    design: Design
    drawn: IntArray  # [K + 1] windows told so, answered or not
    unknown: IntArray  # [K + 1] of these the observer cannot tell
    words: str

    @classmethod
    def of(cls, said: "pd.Series[str]", key: pd.DataFrame, ethogram: Ethogram) -> "_Answers | None":
        """None: nothing is answered."""
        if key.empty:
            return None
        names = ethogram.names(str(key["set"].iloc[0]))
        says = key["window"].map(said)
        told, true = _codes(key["told"], names, UNKNOWN), _codes(says, names, NOT_VISIBLE)
        kept = true >= 0
        if not kept.any():
            return None
        weight = _reweighted(key, told, kept)
        design, joined = collapsed(told[kept], pd.factorize(key["session"][kept])[0], weight)
        words = f"{len(weight)} of {len(key)} windows answered, {len(design.size)} strata"
        words += f" ({joined} joined to others)" if joined else ""
        lone = int((design.sampled < 2).sum())
        words += f", {lone} of one window with the spread of all" if lone else ""
        silent = [(*names, UNKNOWN)[number] for number in sorted(set(told) - set(told[kept]))]
        words += f"; no answer where the recognizer says {', '.join(silent)}" if silent else ""
        untold = told[(says == UNKNOWN).to_numpy()]
        drawn, unknown = (np.bincount(some, minlength=len(names) + 1) for some in (told, untold))
        return cls(names, told[kept], true[kept], design, drawn, unknown, words)


def _codes(words: pd.Series, names: tuple[str, ...], last: str) -> IntArray:
    return np.asarray(words.map({name: k for k, name in enumerate((*names, last))}).fillna(-1), dtype=np.int64)


def _reweighted(key: pd.DataFrame, told: IntArray, kept: BoolArray) -> FloatArray:
    """Time that each answered window stands for: that of its stratum, and of strata without an answer told alike."""
    weight = key["weight_s"].to_numpy(dtype=np.float64)
    stratum = pd.Series(pd.MultiIndex.from_arrays([told, key["session"]]).factorize()[0])
    time = pd.Series(weight).groupby(stratum.to_numpy()).sum()
    answered = pd.Series(kept).groupby(stratum.to_numpy()).sum()
    each = (time / answered.where(answered > 0)).reindex(stratum).to_numpy()[kept]
    of_told = pd.Series(weight).groupby(told).sum()
    stands = pd.Series(each).groupby(told[kept]).sum()
    return np.asarray(each * (of_told / stands).reindex(told[kept]).to_numpy())


def _figures(answers: _Answers, confidence: float) -> Iterator[dict[str, Any]]:
    """Rows of ``tables.AUDIT`` without observer and set."""
    k, n = len(answers.names), len(answers.told)
    told, true = (np.eye(k + 1)[codes] for codes in (answers.told, answers.true))
    right, spoken, seen = told[:, :k] * true[:, :k], 1 - told[:, k:], 1 - true[:, k:]
    every = np.ones((n, k))
    ways = {
        "accuracy": (right.sum(axis=1, keepdims=True), spoken),
        "precision": (right, told[:, :k]),
        "recall": (right, true[:, :k]),
        "share": (true[:, :k], seen * every),
        "share_told": (told[:, :k], spoken * every),
    }
    for figure, (part, whole) in ways.items():
        words = ("",) if figure == "accuracy" else answers.names
        yield from _rows(figure, words, answers.design.ratios(part, whole), whole.sum(axis=0), answers, confidence)
    only_told = np.where(answers.told < k, answers.told, -1)
    yield _kappa(only_told, np.where(answers.true < k, answers.true, -1), k, answers, confidence)


def _rows(
    figure: str,
    words: tuple[str, ...],
    estimated: tuple[FloatArray, FloatArray, FloatArray],
    number: FloatArray,
    answers: _Answers,
    confidence: float,
) -> Iterator[dict[str, Any]]:
    """One figure, of every behaviour, ``estimated`` as from ``Design.ratios``; limits are on the logit scale, and none
    of fewer than ``LEAST_WINDOWS``, or where no answer differs from another.
    """
    value, error, freedom = estimated
    inside = (value > 0) & (value < 1) & (error > _NOTHING)
    scale = np.where(inside, value * (1 - value), np.nan)
    spread = Spread((error / scale) ** 2, np.where(inside, freedom, 1.0))
    low, high = t_limits(np.where(inside, value, 0.0), spread, confidence)
    for j, word in enumerate(words):
        row = {"behaviour": word, "figure": figure, "value": value[j], "n": int(number[j])}
        if figure == "share_told":
            yield row | {"method": f"known, but for unanswered windows; {answers.words}"}
        elif not np.isfinite(value[j]):
            yield row | {"method": f"no such time; {answers.words}"}
        elif few := _too_few(number[j]):
            yield row | {"method": f"no limits: {few}; {answers.words}"}
        elif not inside[j]:
            yield row | {"method": f"no limits: {_ALIKE}; {answers.words}"}
        else:
            how = f"{100 * confidence:g} % limits by t ({freedom[j]:.1f} degrees of freedom) on the logit scale"
            yield row | {"se": error[j], "ci_low": low[j], "ci_high": high[j], "method": f"{how}; {answers.words}"}


def _too_few(number: float) -> str:
    """Why so many windows have no limits; empty where they have."""
    return too_few([(int(number), plural(int(number), "window"))], LEAST_WINDOWS)


def _kappa(first: IntArray, second: IntArray, kinds: int, answers: _Answers, confidence: float) -> dict[str, Any]:
    """Kappa of all behaviours; limits by t."""
    value, error, freedom = answers.design.kappa(first, second, kinds)
    number = int(((first >= 0) & (second >= 0)).sum())
    row = {"behaviour": "", "figure": "kappa", "value": value, "n": number}
    if not np.isfinite(value):
        return row | {"method": f"both say one thing only; {answers.words}"}
    if few := _too_few(number):
        return row | {"method": f"no limits: {few}; {answers.words}"}
    if error <= _NOTHING:
        return row | {"method": f"no limits: {_ALIKE}; {answers.words}"}
    reach = -float(stdtrit(freedom, (1 - confidence) / 2)) * error
    limits = {"ci_low": max(value - reach, -1.0), "ci_high": min(value + reach, 1.0), "se": error}
    how = f"{100 * confidence:g} % limits by t ({freedom:.1f} degrees of freedom)"
    return row | limits | {"method": f"{how}; {answers.words}"}


def _pair(
    first: "pd.Series[str]", second: "pd.Series[str]", key: pd.DataFrame, ethogram: Ethogram, confidence: float
) -> Iterator[dict[str, Any]]:
    """Two observers held against each other, by the windows that both answer; ``not visible`` is an answer."""
    both = set(first.index[~first.isin(["", UNKNOWN])]) & set(second.index[~second.isin(["", UNKNOWN])])
    answers = _Answers.of(first[first.index.isin(both)], key, ethogram)
    other = _Answers.of(second[second.index.isin(both)], key, ethogram)
    if answers is None or other is None:
        return
    same = (answers.true == other.true).astype(np.float64)[:, None]
    estimated = answers.design.ratios(same, np.ones_like(same))
    yield from _rows("agreement", ("",), estimated, np.full(1, len(same)), answers, confidence)
    yield _kappa(answers.true, other.true, len(answers.names) + 1, answers, confidence)


def _errors(answers: _Answers) -> pd.DataFrame:
    """``tables.AUDIT_ERRORS`` without observer and set: every pair of told and true."""
    k = len(answers.names)
    cell = answers.told * (k + 1) + answers.true
    inside = np.eye((k + 1) ** 2)[cell]
    share, error, _ = answers.design.ratios(inside, np.ones_like(inside))
    told, true = (
        np.array([*answers.names, UNKNOWN], dtype=object),
        np.array([*answers.names, NOT_VISIBLE], dtype=object),
    )
    return pd.DataFrame(
        {
            "told": np.repeat(told, k + 1),
            "true": np.tile(true, k + 1),
            "windows": inside.sum(axis=0),
            "drawn": np.repeat(answers.drawn, k + 1),
            "unknown": np.repeat(answers.unknown, k + 1),
            "share": share,
            "se": error,
        }
    )
