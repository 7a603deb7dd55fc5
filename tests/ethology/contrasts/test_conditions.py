"""What the setting ``compare`` may say, and what it comes to beside the user's tables."""

import re

import pandas as pd
import pytest

from pipeline.errors import UsageError
from pipeline.ethology.contrasts.conditions import Comparison, comparisons, settled

NAMES = pd.DataFrame({"video": "v", "track": [1, 2, 3], "individual": list("xyz"), "sex": ["f", "m", ""]})
SESSIONS = pd.DataFrame({"session": list("abc"), "herd": ["Large", "Small", "Middling"], "weather": "dry"})


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (None, []),
        ("", []),
        ({}, []),
        ("sex", [Comparison("sex")]),
        (["sex", "herd"], [Comparison("sex"), Comparison("herd")]),
        ({"herd": ["Small", "Large"], "sex": []}, [Comparison("herd", ("Small", "Large")), Comparison("sex")]),
        ({"sex": None}, [Comparison("sex")]),
        ({"year": [2024, 2025]}, [Comparison("year", ("2024", "2025"))]),  # words, as in the user's tables
    ],
)
def test_what_is_asked_for(given, wanted):
    assert list(comparisons(given)) == wanted


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (3, r"compare must name columns, each once, as compare=sex or compare=\[sex,habitat\]; got 3"),
        (["sex", "sex"], r"each once, .*got \['sex', 'sex'\]"),
        ([["herd", "Large"]], r"compare must name columns"),
        ({"herd": ["Large"]}, r"two values of herd, as compare='\{herd: \[one, other\]\}'; got \['Large'\]"),
        ({"herd": "Large"}, r"must name two values of herd, .*; got Large"),
        ({"herd": ["Large", "Large"]}, r"must name two values of herd"),
        ({"herd": ["Large", "Small", "Large"]}, r"must name two values of herd"),
    ],
)
def test_what_cannot_be_asked_for(given, text):
    with pytest.raises(UsageError, match=text):
        comparisons(given)


@pytest.mark.parametrize(
    ("given", "pair"),
    [
        ("sex", ("f", "m")),  # by alphabet; of whom nothing is told is in neither
        ({"sex": ["m", "f"]}, ("m", "f")),  # as they are given
        ({"herd": ["Small", "Large"]}, ("Small", "Large")),
        ({"species": ["zebra", "oryx"]}, ("zebra", "oryx")),
    ],
)
def test_the_two_values(given, pair):
    assert settled(comparisons(given), NAMES, SESSIONS, None)[0].conditions == pair


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            ["age", "sex", "diet"],
            r"compare names age, diet, which no column of individuals.csv, sessions.csv or observations.csv is called; "
            r"there are group, herd, sex, site, species, weather$",
        ),
        ("track", r"compare names track, which"),
        ("behaviour", r"compare names behaviour, which"),  # of every bout, and no condition
        ({"herd": ["Large", "Tiny"]}, r"compare: no row has herd Tiny; there are Large, Middling, Small$"),
        (
            "herd",
            r"a comparison needs two values of column herd, which has Large, Middling, Small; "
            r"name two as compare='\{herd: \[Large, Middling\]\}'$",
        ),
        (
            ["weather", "site"],  # all faults at once
            r"column weather, which has dry; a comparison needs two values of column site, which has no value$",
        ),
        (
            "species",
            r"name the two species, as compare='\{species: \[zebra, giraffe\]\}'; which there are is known",
        ),
    ],
)
def test_what_is_not_there(given, text):
    with pytest.raises(UsageError, match=text):
        settled(comparisons(given), NAMES, SESSIONS, None)


def test_values_to_choose_from_stand_as_they_are_to_be_typed():
    weights = NAMES.assign(kg=["2.50", "1.0", *["öre"] * (len(NAMES) - 2)])
    with pytest.raises(UsageError, match=re.escape("""compare='{kg: ["1.0", "2.50"]}'""")):
        settled(comparisons("kg"), weights, SESSIONS, None)
