"""The tables of where animals are, by the user's polygons."""

from pipeline.columns import Column, Table
from pipeline.ethology.society.columns import (
    CI,
    METHOD,
    N_INSTANTS,
    N_SESSIONS,
    N_TRACKS,
    SESSION,
    SPECIES,
    SUBJECT,
    TRACK,
    VIDEO,
    figure,
)

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

HABITAT_BUDGETS = Table("habitat_budgets", (
    Column("habitat", "str", "", f"the habitat; '{NOWHERE}': in no polygon"),
    SPECIES,
    Column("set", "str", "", "the set of exclusive behaviours"),
    Column("behaviour", "str", "", "the state"),
    figure("share", "", "of the recognized time of all animals in the habitat"),
    *CI, METHOD,
    figure("mean_share", "", "mean over named animals recognized there for statistics.min_visible_s of their"
           " shares; empty: fewer than two"),
    figure("mean_ci_low", "", "lower limit of mean_share, see mean_method; empty: none"),
    figure("mean_ci_high", "", "upper limit of mean_share, see mean_method; empty: none"),
    Column("mean_method", "str", "", "how mean_share and its limits were made, or why there are none"),
    figure("bound_low", "", "the share if none of the time there that was not recognized was spent so"),
    figure("bound_high", "", "the share if all of it was"),
    Column("n_individuals", "int", "", "named individuals recognized there; 0 where nobody is named", low=0),
    N_SESSIONS, N_TRACKS,
    Column("behaviour_s", "float", "s", "animal seconds in the behaviour", decimals=6, low=0),
    Column("visible_s", "float", "s", "animal seconds there that were recognized", decimals=6, low=0),
    Column("excluded_s", "float", "s", "animal seconds there that were not", decimals=6, low=0),
))
# fmt: on
