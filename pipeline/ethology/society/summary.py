"""How groups are laid out over a video, a session, and sessions: every measure with what stands behind it."""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.columns import Column
from pipeline.ethology.limits import Scale, jackknife, t_limits, too_few
from pipeline.ethology.society.tables import GROUP_SPACE, MEASURES
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.tally import ALL
from pipeline.words import plural

_KEYS = ["level", "unit", "session", "species"]
_FIGURES = ["mean", "q25", "median", "q75"]


def group_space(instants: pd.DataFrame, who: pd.DataFrame, settings: StatisticsSettings) -> pd.DataFrame:
    """GROUP_SPACE over all videos: by level from the whole to its parts, by unit, session, species and measure.

    ``instants`` is GROUP_INSTANTS; ``who`` has a row for every video, session, species, track and individual. Figures
    of videos and sessions are over instants, each counting the same. Those of species and of everything are over the
    sessions' means, with limits from ``min_units`` sessions on: instants of one session are not independent.
    """
    if instants.empty:
        return GROUP_SPACE.empty()
    of_session = _over(instants, "session", ["session"])
    parts = [_over(instants, "video", ["video", "session"]), of_session]
    parts += [_over_sessions(of_session, level, settings) for level in ("species", "pooled")]
    table = pd.concat(parts, ignore_index=True).merge(_behind(instants, who), on=_KEYS, how="left")
    rank = {level: number for number, level in enumerate(("pooled", "species", "session", "video"))}
    places = {measure: number for number, measure in enumerate(MEASURES)}
    order = table.assign(rank=table["level"].map(rank), place=table["measure"].map(places))
    order = order.sort_values(["rank", "unit", "session", "species", "place"], kind="stable")
    units = {measure: column.unit for measure, column in MEASURES.items()}
    return GROUP_SPACE.cast(order.assign(measured_in=order["measure"].map(units)))


def _over(instants: pd.DataFrame, level: str, keys: list[str]) -> pd.DataFrame:
    """Figures over the instants of each video in a session, or of each session; measures without any have no row."""
    grouped = instants.groupby([*keys, "species"])[list(MEASURES)]
    figures = [grouped.mean(), *(grouped.quantile(q) for q in (0.25, 0.5, 0.75)), grouped.count()]
    table = pd.concat([own.stack() for own in figures], axis=1, keys=[*_FIGURES, "n_instants"])
    table = table[table["n_instants"] > 0].rename_axis([*keys, "species", "measure"]).reset_index()
    table = table.assign(level=level, unit=table[keys[0]], ci_low=np.nan, ci_high=np.nan, n_sessions=1)
    return table.assign(method="over instants; no interval: one session")


def _over_sessions(sessions: pd.DataFrame, level: str, settings: StatisticsSettings) -> pd.DataFrame:
    """Figures over the sessions' means, of all species together (pooled) or of each."""
    whole = sessions["species"] == ALL
    parts = []
    for (species, measure), own in sessions[whole if level == "pooled" else ~whole].groupby(["species", "measure"]):
        means = own["mean"].to_numpy()
        low, high, method = mean_limits(means, MEASURES[str(measure)], settings)
        figures = [means.mean(), *np.quantile(means, [0.25, 0.5, 0.75])]
        parts.append(
            {"level": level, "unit": species, "session": "", "species": species, "measure": measure}
            | dict(zip(_FIGURES, figures, strict=True))
            | {"ci_low": low, "ci_high": high, "method": f"mean over sessions; {method}"}
            | {"n_sessions": len(means), "n_instants": own["n_instants"].sum()}
        )
    return pd.DataFrame(parts)


def mean_limits(values: FloatArray, figure: Column, settings: StatisticsSettings) -> tuple[float, float, str]:
    """Limits of the mean of independent values, one a session, and how they were made; none of them is impossible.

    They are t intervals of logits where the figure lies between two ends, else of logarithms, by a delete-one
    jackknife (``limits.py``). No limits (NaN) under ``min_units`` sessions, and where all are at one end.
    """
    n, least, most = len(values), figure.low or 0.0, figure.high
    what = plural(n, "session")
    if few := too_few([(n, what)], settings.min_units):
        return np.nan, np.nan, f"no interval: {few}"
    scale, width = (Scale.rate, 1.0) if most is None else (Scale.share, most - least)
    mean = np.atleast_1d((values.mean() - least) / width)
    if not scale.inside(mean).all():
        return np.nan, np.nan, f"no interval: it is {values.mean():g} in {what}"
    without = (values.sum() - values) / (n - 1)
    spread = jackknife(mean, (without[:, None] - least) / width, scale)
    low, high = (least + width * float(limit[0]) for limit in t_limits(mean, spread, settings.confidence, scale))
    return low, high, f"{100 * settings.confidence:g} % t interval of {scale.value} over {what}"


def _behind(instants: pd.DataFrame, who: pd.DataFrame) -> pd.DataFrame:
    """Tracks, individuals and most at once behind each unit."""
    both = pd.concat([who, who.assign(species=ALL)], ignore_index=True)
    animals = both.assign(animal=both["video"] + "#" + both["track"].astype("str"))
    animals["named"] = animals["individual"].where(animals["individual"] != "")
    parts = []
    for level, keys in (("video", ["video", "session"]), ("session", ["session"]), ("species", []), ("pooled", [])):
        counts = animals.groupby([*keys, "species"])[["animal", "named"]].nunique()
        most = instants.groupby([*keys, "species"])["animals"].max()
        table = pd.concat([counts, most], axis=1).fillna(0).reset_index()
        whole = table["species"] == ALL
        if not keys:
            table = table[whole if level == "pooled" else ~whole].assign(session="")
        unit = table[keys[0] if keys else "species"]
        parts.append(table.assign(level=level, unit=unit))
    names = {"animal": "n_tracks", "named": "n_individuals", "animals": "most_at_once"}
    return pd.concat(parts, ignore_index=True)[[*_KEYS, *names]].rename(columns=names)
