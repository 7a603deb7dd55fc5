"""Bouts and held-out clips from seconds and counts written down."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.ethology.correction.tables import HELD_OUT
from pipeline.tables import BOUTS


def bouts(*rows: tuple[str, str, str, Mapping[str, float]], **more: Any) -> pd.DataFrame:
    """tables.BOUTS: a track a row of ``(session, subject, species, seconds by behaviour)``; subject "": not named."""
    found = []
    for number, (session, subject, species, seconds) in enumerate(rows):
        at = 0.0
        for behaviour, lasts in seconds.items():
            found.append(
                {
                    "subject": subject or f"{session}.mp4#{number}", "session": session, "video": f"{session}.mp4",
                    "track": number, "species": species, "set": "behaviour", "behaviour": behaviour, "kind": "state",
                    "start_s": at, "stop_s": at + lasts, "duration_s": lasts, "start_frame": int(at),
                    "stop_frame": int(at + lasts), "censored_start": False, "censored_stop": False, "confidence": 1.0,
                    "source": "model", **{name: values[number] for name, values in more.items()},
                }
            )  # fmt: skip
            at += lasts
    data = pd.DataFrame(found)
    return BOUTS.cast(data).assign(**{name: data[name] for name in more}) if found else BOUTS.empty()


def clips(
    counts: Mapping[str, Mapping[str, int]],
    recordings: int = 10,
    species: str = "zebra",
    of_set: str = "behaviour",
    chose_checkpoint: bool = False,
) -> pd.DataFrame:
    """tables.HELD_OUT: so many clips of each true and told behaviour, dealt to the recordings in turn."""
    rows = [
        (true, told, number) for true, row in counts.items() for told, n in row.items() for number in range(n)
    ]  # fmt: skip
    data = pd.DataFrame(rows, columns=["true", "told", "number"])
    named = data.assign(recording=[f"r{n % recordings}" for n in data["number"]], species=species, set=of_set)
    return HELD_OUT.cast(named.assign(chose_checkpoint=chose_checkpoint))


def row(table: pd.DataFrame, **where: Any) -> "pd.Series[Any]":
    """The one row with these values."""
    found = table
    for name, value in where.items():
        found = found[found[name] == value]
    assert len(found) == 1
    return found.iloc[0]


def letters(words: Sequence[str], lasts: float = 10.0) -> dict[str, float]:
    """Seconds by behaviour, each as long."""
    return dict.fromkeys(words, lasts)
