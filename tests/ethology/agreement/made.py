"""Coded intervals written as words: one letter a second; ``.`` nothing coded, ``?`` unknown, ``-`` not visible."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pandas as pd

from pipeline.ethology.agreement.settings import AgreementSettings
from pipeline.ethology.agreement.tables import CODED


def coded(
    words: Mapping[str, Mapping[tuple[str, str], str]],
    events: Mapping[str, Mapping[tuple[str, str], list[tuple[str, float]]]] | None = None,
    session: str = "",
) -> pd.DataFrame:
    """tables.CODED from a word by coder, then by video and subject; events are names and times."""
    rows = []
    for coder, of in words.items():
        for (video, subject), word in of.items():
            at = 0
            for letter, run in groupby(word):
                many = len(list(run))
                name = {"?": "unknown", "-": "not visible"}.get(letter, letter)
                if letter != ".":
                    rows.append((coder, video, subject, session, name, "state", at, at + many))
                at += many
    for coder, told in (events or {}).items():
        rows += [
            (coder, video, subject, session, name, "event", time, time)
            for (video, subject), of_animal in told.items()
            for name, time in of_animal
        ]
    data = pd.DataFrame(rows, columns=CODED.names[:-1])
    return CODED.cast(data.assign(place=[f"row {k}" for k in range(1, len(data) + 1)]))


def settings(**changes: Any) -> AgreementSettings:
    """Time units of a second, few resamples."""
    return AgreementSettings(**{"unit_s": 1.0, "resamples": 200} | changes)


def value(table: pd.DataFrame, figure: str, behaviour: str = "", basis: str = "time") -> float:
    """One figure of tables.AGREEMENT."""
    rows = table[(table["figure"] == figure) & (table["behaviour"] == behaviour) & (table["basis"] == basis)]
    assert len(rows) == 1
    return float(rows["value"].iloc[0])
