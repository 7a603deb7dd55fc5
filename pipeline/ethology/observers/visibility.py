"""Two records of the same animals, as from a drone and from the ground: how much of the time was each in sight?

kabr-tools' comparison of field notes with drone video of the same animals found them out of sight for .59954 of
1,323.458 s on the ground and for .01340 from the air. It has no interval: two observers of a few animals in one session
are one comparison, whatever the seconds.
"""

import numpy as np
import pandas as pd

from pipeline.errors import TableError
from pipeline.ethology.ethogram import NOT_VISIBLE
from pipeline.ethology.handwritten import faults_of, rows_that
from pipeline.ethology.observers.tables import VISIBILITY
from pipeline.ethology.record import unions
from pipeline.ethology.tally import ALL
from pipeline.tables import BOUTS

_KEYS = ["subject", "session"]


def visibility(first: pd.DataFrame, second: pd.DataFrame, names: tuple[str, str], shift_s: float = 0.0) -> pd.DataFrame:
    """``tables.VISIBILITY``: a row for every animal that is in both records and each record, and the sums.

    ``first`` and ``second`` are tables.BOUTS whose animals are known by ``subject`` and ``session``; ``names`` says
    what the two are, for example ``("drone", "ground")``; ``shift_s`` is added to the second's times to bring it to the
    first's clock. Out of sight is what is recorded as not visible, and what is not recorded between the later of the
    two starts and the earlier of the two ends; ``unknown`` is in sight. ``TableError`` where a record breaks its
    declaration, where an animal has more than one clock, and where the two have no animal and moment in common.
    """
    records = [_clocked(data, name) for data, name in zip((first, second), names, strict=True)]
    records[1] = records[1].assign(start_s=records[1]["start_s"] + shift_s, stop_s=records[1]["stop_s"] + shift_s)
    spans = [record.groupby(_KEYS).agg(start_s=("start_s", "min"), stop_s=("stop_s", "max")) for record in records]
    both = spans[0].join(spans[1], how="inner", lsuffix="_1", rsuffix="_2")
    low, high = both[["start_s_1", "start_s_2"]].max(axis=1), both[["stop_s_1", "stop_s_2"]].min(axis=1)
    shared = pd.DataFrame({"low": low, "high": high})[high > low]
    if shared.empty:
        raise TableError(
            f"{names[0]} and {names[1]} have no animal in common at the same time; are the clocks the same?"
        )
    rows = pd.concat([_one(record, shared, name) for record, name in zip(records, names, strict=True)])
    total = rows.drop(columns=_KEYS).groupby("record", sort=False).sum().reset_index()
    whole = pd.concat([total.assign(subject=ALL, session=""), rows.sort_values(_KEYS, kind="stable")])
    return VISIBILITY.cast(whole.assign(out_of_sight_share=1 - whole["in_sight_s"] / whole["shared_s"]))


def _clocked(data: pd.DataFrame, name: str) -> pd.DataFrame:
    """The bouts as declared, every animal of a session on the clock of one video."""
    faults = faults_of(data, BOUTS)
    bouts = BOUTS.cast(data) if not faults else BOUTS.empty()
    clocks = bouts.groupby(_KEYS)["video"].nunique().reset_index()
    several = clocks[clocks["video"] > 1].to_dict("records")
    faults += rows_that("end before they start", bouts["stop_s"] < bouts["start_s"])
    faults += [
        f"{row['subject']} is in {row['video']} videos of session {row['session']!r}, each with a clock of its own"
        for row in several
    ]
    if faults:
        raise TableError(f"{name}: {'; '.join(faults)}")
    return bouts


def _one(bouts: pd.DataFrame, shared: pd.DataFrame, name: str) -> pd.DataFrame:
    """Seconds of one record within each shared span."""
    rows = bouts.join(shared, on=_KEYS, how="inner")
    rows = rows.assign(
        start_s=np.maximum(rows["start_s"], rows["low"]), stop_s=np.minimum(rows["stop_s"], rows["high"])
    )
    rows = rows[rows["stop_s"] > rows["start_s"]]
    seen = _seconds(rows[rows["behaviour"] != NOT_VISIBLE], shared)
    recorded = _seconds(rows, shared)
    lasts = (shared["high"] - shared["low"]).to_numpy()
    told = {"shared_s": lasts, "in_sight_s": seen, "not_visible_s": recorded - seen, "no_record_s": lasts - recorded}
    return shared.index.to_frame(index=False).assign(record=name, **{key: np.maximum(told[key], 0.0) for key in told})


def _seconds(rows: pd.DataFrame, shared: pd.DataFrame) -> np.ndarray:
    """Seconds that rows cover together, for each of the shared spans; sets and tracks count once."""
    place = shared.index.get_indexer(pd.MultiIndex.from_frame(rows[_KEYS]))
    covered = unions(rows.assign(place=place, set=""))
    lasts = (covered["stop_s"] - covered["start_s"]).to_numpy(dtype=np.float64)
    return np.bincount(covered["place"].to_numpy(dtype=np.int64), weights=lasts, minlength=len(shared))
