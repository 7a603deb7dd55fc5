"""The tables of where animals are, by the user's polygons."""

from pipeline.columns import Column, Table
from pipeline.ethology.society.columns import N_INSTANTS, SESSION, SPECIES, SUBJECT, TRACK, VIDEO, figure

NOWHERE = "outside"  # the habitat of what lies in no polygon

# fmt: off
HABITAT_STAYS = Table("habitat_stays", (
    VIDEO, SESSION, TRACK, SUBJECT, SPECIES,
    Column("habitat", "str", "", f"the polygon's habitat; '{NOWHERE}': in none"),
    Column("start_s", "float", "s", "first instant", decimals=6),
    Column("stop_s", "float", "s", "what its last instant stands for ends here", decimals=6),
    N_INSTANTS,
))

HABITAT_TIME = Table("habitat_time", (
    SUBJECT, SPECIES,
    Column("habitat", "str", "", f"the habitat; '{NOWHERE}': in no polygon"),
    Column("seconds", "float", "s", "time with a place in it", decimals=6, low=0),
    figure("share", "", "of the animal's time with a place"),
    N_INSTANTS,
))
# fmt: on
