"""What a comparison over animals holds for, and how long they were watched."""

import pandas as pd
import pytest

from pipeline.report.cautions import cautions
from pipeline.report.sections.contrast_units import holds_for, watched
from pipeline.report.sections.contrasts import contrasts
from tests.report import made
from tests.report.sections.read import words
from tests.report.sections.test_contrasts import TOLD, TWO, compare

BUDGETS = pd.concat(
    made.budgets({"Walk": 1.0}, level="individual", unit=name, visible_s=time_s, excluded_s=10.0)
    for name, time_s in (("a", 30.0), ("b", 60.0), ("c", 10.0), ("d", 20.0))
)
ANIMALS = made.individuals("a", "a", "b", "c", "d", "").assign(sex=["f", "f", "f", "m", "m", ""])
WHOLE = pd.Series({"by": "sex", "first": "f", "second": "m", "set": "behaviour"})


@pytest.mark.parametrize(
    ("animals", "told"),
    [
        (
            ANIMALS,
            "The animals compared were recognized for unequal times: f 30 s (a) to 60 s (b), 18 % of "
            "their tracked time left out; m 20 s (d) to 20 s (d), 33 % of their tracked time left out.",
        ),
        (ANIMALS.drop(columns="sex"), ""),  # told of sessions, say
        (ANIMALS.assign(sex=["f", "m", "f", "m", "m", ""]), ""),  # an animal is in both
        (ANIMALS.assign(sex="f"), ""),  # nobody on the other side
        (ANIMALS.iloc[:0], ""),
    ],
)  # fmt: skip
def test_how_long_animals_of_each_condition_were_watched(animals, told):
    assert watched(WHOLE, BUDGETS, animals, least_s=15.0) == told


@pytest.mark.parametrize(
    ("replicate", "constant", "p", "told"),
    [
        ("individual", False, 0.5, True),
        ("individual", True, 0.5, False),  # each session shows one animal
        ("session", False, 0.5, False),
        ("linked", True, 0.5, False),
        ("individual", False, float("nan"), False),
    ],
)
def test_animals_stand_for_animals_and_not_for_days(replicate, constant, p, told):
    whole = pd.Series({"replicate": replicate, "constant_within_session": constant, "p": p})
    assert ("nothing of other sessions" in holds_for(whole)) == told
    assert ("Animals are the units here" in holds_for(whole)) == (p != p)


def test_intervals_over_animals_stand_beside_none_over_sessions_with_the_reason():
    found = {name: table.assign(replicate="individual") for name, table in compare(TWO, "sex", "AB").items()}
    assert "and nothing of other sessions, even where" in words(contrasts(found, [], TOLD))
    budgets = {"time_budgets": made.BUDGETS}
    said = " ".join(cautions(made.summary(made.line()), budgets | found))
    assert "No interval is given for all animals pooled" in said
    assert "Comparisons by sex have some all the same, as they take animals as independent" in said
    assert "have some all the same" not in " ".join(cautions(made.summary(made.line()), budgets))
