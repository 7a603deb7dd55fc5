import pytest

from pipeline.detectors.species import vocabulary
from pipeline.errors import UsageError

NAMES = {0: "person", 1: "horse", 2: "zebra", 3: "N/A", 4: "N/A"}


@pytest.mark.parametrize(
    ("classes", "species", "expected"),
    [
        ([], {}, NAMES),  # none named: all are kept as they are called
        (["zebra"], {}, {2: "zebra"}),  # one
        (["horse", "zebra"], {"horse": "zebra"}, {1: "zebra", 2: "zebra"}),  # two classes, one species
        ([], {"N/A": "other"}, {**NAMES, 3: "other", 4: "other"}),  # a name that stands for two outputs
        (["zebra"], {"horse": "zebra"}, {2: "zebra"}),  # a name for what is not kept changes nothing
    ],
)
def test_vocabulary(classes: list[str], species: dict[str, str], expected: dict[int, str]) -> None:
    assert vocabulary(NAMES, classes, species, "m.pt") == expected


@pytest.mark.parametrize(
    ("classes", "species", "text"),
    [
        # a slip of the pen
        (["zebr"], {}, r"model m.pt has no class 'zebr'; it has: person, horse, zebra, N/A; did you mean zebra\?"),
        (["okapi"], {}, r"no class 'okapi'; it has: .*; detector.classes=\[\] keeps all of them"),  # nothing like it
        (["okapi", "hors"], {}, r"no class 'okapi', 'hors'; .* did you mean horse\?"),  # all faults at once
        ([], {"Zebra": "equid"}, r"no class 'Zebra'; .* did you mean zebra\?"),  # among the new names too
    ],
)
def test_unknown_class_lists_the_names_there_are(classes: list[str], species: dict[str, str], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        vocabulary(NAMES, classes, species, "m.pt")
