"""The tables of who is with whom."""

from pipeline.columns import Column, Table
from pipeline.ethology.society.columns import (
    METHOD,
    P_CORRECTED,
    SESSION,
    SPECIES,
    SUBJECT,
    TIME,
    TRACK,
    VIDEO,
    P,
    figure,
)

# fmt: off
PERIOD = Column("period_s", "float", "s", "the sampling period", decimals=6, low=0)

SCANS = Table("scans", (
    VIDEO, SESSION,
    Column("clock", "str", "", "the video in whose own time the periods are; empty: the session's, over its videos"),
    Column("period", "int", "", "number of the sampling period on its clock; one is left out after a pause", low=0),
    TIME, TRACK, SUBJECT,
    Column("individual", "str", "", "name; empty: nobody named it"),
    SPECIES,
    Column("group", "int", "", "lowest track of those it is together with, itself among them", low=0),
))

ASSOCIATIONS = Table("associations", (
    Column("level", "str", "", "individual (named, over all videos) or track (within a video; fragments)"),
    Column("video", "str", "", "the video of two tracks; empty: all"),
    Column("a", "str", "", "the one"),
    Column("b", "str", "", "the other"),
    Column("species_a", "str", "", "species of the one"),
    Column("species_b", "str", "", "species of the other"),
    Column("x", "int", "", "sampling periods in which both are in one group", low=0),
    Column("y_ab", "int", "", "periods in which both are seen, in different groups", low=0),
    Column("y_a", "int", "", "periods in which only the one is seen", low=0),
    Column("y_b", "int", "", "periods in which only the other is seen", low=0),
    Column("n", "int", "", "periods in which either is seen: x + y_ab + y_a + y_b", low=0),
    PERIOD,
    figure("x_chance", "", "x expected where the members of a period's groups are drawn by lot"),
    figure("sri", "", "simple ratio index: x / n; an animal that is not seen counts as elsewhere"),
    figure("sri_se", "", "its standard error, periods taken as independent; tells nothing (0) where it is 0 or 1"),
    figure("hwi", "", "half-weight index: x / (x + y_ab + (y_a + y_b) / 2); where one is not seen counts half"),
    figure("hwi_se", "", "its standard error, periods taken as independent; tells nothing (0) where it is 0 or 1"),
    METHOD,
))

ASSOCIATION_TESTS = Table("association_tests", (
    Column("level", "str", "", "individual or track"),
    Column("video", "str", "", "the video of tracks; empty: all"),
    figure("sd_sri", "", "standard deviation of the pairs' simple ratio indices"),
    figure("sd_chance", "", "its mean over the permutations"),
    figure("chance_low", "", "2.5th percentile of the permutations"),
    figure("chance_high", "", "97.5th percentile"),
    P,
    P_CORRECTED,
    figure("together", "", "share of pairs seen in one period that are in one group"),
    figure("still_together", "", "the same among pairs that were in one group in the period before; where it is much"
            " larger, periods are not independent and p is too small: lengthen period_s"),
    PERIOD,
    figure("missed_share", "", "of the looks that show any animal, from an animal's first to its last in a session,"
           " those without it", 0, 1),
    Column("n_pairs", "int", "", "pairs", low=0),
    Column("n_animals", "int", "", "animals", low=0),
    Column("n_periods", "int", "", "sampling periods with two of them or more", low=0),
    Column("n_shuffled", "int", "", "of these, periods with several groups: only there can members be swapped", low=0),
    Column("permutations", "int", "", "arrangements drawn", low=0),
    METHOD,
    Column("sampling", "str", "", "on which clock the periods are, and what the indices are not calibrated for"),
))
# fmt: on
