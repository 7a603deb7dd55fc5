"""What goes into this family beside the tables of a run, and the tables that come out of it."""

from pipeline.columns import Column, Table
from pipeline.ethology.society.columns import (
    CI,
    FRAME,
    LASTS,
    METHOD,
    N_INSTANTS,
    N_SESSIONS,
    N_TRACKS,
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
from pipeline.ethology.society.habitat_tables import HABITAT_BUDGETS, HABITAT_STAYS, HABITAT_TIME
from pipeline.ethology.society.pair_tables import ASSOCIATION_TESTS, ASSOCIATIONS, SCANS

ANY = "any"  # in the place of a behaviour: the same one, whichever

# fmt: off
BODY_LENGTHS = Table("body_lengths", (
    VIDEO, TRACK, SPECIES,
    figure("length_px", "px", "90th percentile of the box's longer side in the reference frame; empty: see method"),
    figure("scale_px", "px", "what its distances are divided by: its own length, else its species' median in the"
            " video, else that of all"),
    METHOD,
))

_NEAREST = (
    figure("nearest_px", "px", "distance to the nearest neighbour; empty where it is alone"),
    figure("nearest_bl", "body lengths", "the same, by the mean scale of the two"),
    figure("nearest_m", "m", "the same, where positions are known"),
    figure("nearest_error_m", "m", "how wrong that may be, one standard deviation: the errors of the two boxes, and of"
           " the camera's error what does not move both alike; each in its worst direction"),
)

POSITIONS = Table("positions", (
    VIDEO, SESSION, SPECIES, TRACK, SUBJECT,
    Column("individual", "str", "", "name; empty: nobody named it"),
    FRAME, TIME, LASTS,
    Column("x_px", "float", "px", "place in the video's reference frame, to the right", decimals=2),
    Column("y_px", "float", "px", "place in the video's reference frame, downwards", decimals=2),
    figure("x_m", "m", "place on the ground; empty: not known"),
    figure("y_m", "m", "place on the ground; empty: not known"),
    figure("box_error_m", "m", "how wrong it is by the error of the box"),
    figure("stretch", "", "how wrong a short distance there is by the camera's error, as a share of it"),
    figure("scale_px", "px", "the animal's scale, see body_lengths"),
    Column("to_edge_px", "float", "px", "distance to the nearest edge of the frame, in the reference frame", decimals=2,
           low=0),
    figure("speed_bl_s", "body lengths/s", "speed; empty where its motion is not known"),
    figure("heading_deg", "deg", "direction of motion from the x to the y axis, of metres in a video that has them;"
            " empty: stands still or not known"),
))

NEIGHBOURS = Table("neighbours", (
    *POSITIONS.columns,
    Column("neighbour", "int", "", "track of the nearest neighbour in the picture; -1: alone", low=-1),
    *_NEAREST,
    Column("near_edge", "bool", "", "True where it is nearer to the frame's edge than to its neighbour, or alone: the"
           " true neighbour may be out of the picture"),
))

_BY_NUMBER = (  # only instants with the same N may be compared
    figure("hull_px2", "px2", "area of the convex hull; from three animals on; grows with their number", 0),
    figure("hull_bl2", "body lengths2", "the same", 0),
    figure("hull_m2", "m2", "the same on the ground", 0),
    figure("polarisation", "", "length of the mean heading, from two on; 1: all move in one direction", 0, 1),
    figure("polarisation_chance", "", "what so many random headings give on average", 0, 1),
    figure("rotation", "", "milling order about the centroid, from two on; 1: all circle it", 0, 1),
    figure("rotation_chance", "", "what so many random headings give on average", 0, 1),
)

GROUP_INSTANTS = Table("group_instants", (
    VIDEO, SESSION, SPECIES, FRAME, TIME, LASTS,
    Column("animals", "int", "", "animals with a place", low=0),
    *_NEAREST,
    figure("inside_px", "px", "nearest_px of those not near the edge only"),
    figure("inside_bl", "body lengths", "nearest_bl of those not near the edge only"),
    figure("inside_m", "m", "nearest_m of those not near the edge only"),
    figure("near_edge_share", "", "share of the animals that are nearer to the edge than to their neighbour", 0, 1),
    figure("spread_px", "px", "mean distance to the centroid; from two animals on; of few a little shorter"),
    figure("spread_bl", "body lengths", "the same, by the mean scale of the animals"),
    figure("spread_m", "m", "the same on the ground"),
    figure("of_three_px2", "px2", "mean area of the hull of three of the animals, over all threes: does not grow with"
           " their number", 0),
    figure("of_three_bl2", "body lengths2", "the same", 0),
    figure("of_three_m2", "m2", "the same on the ground", 0),
    Column("moving", "int", "", "animals with a heading: the N of the columns after it", low=0),
    figure("alignment", "", "mean cosine of the angle between two headings, over all pairs: 1 all in one direction, 0"
           " on average of random headings, however many", -1, 1),
    figure("milling", "", "mean product of two animals' turning about the centroid, over all pairs: 1 all circle it one"
           " way, 0 on average of random headings, however many", -1, 1),
    *_BY_NUMBER,
))

MEASURES = {  # columns of GROUP_INSTANTS that are summed up: what may be compared between instants with other animals
    column.name: column
    for column in GROUP_INSTANTS.columns[GROUP_INSTANTS.names.index("animals"):]
    if column not in _BY_NUMBER
}

GROUP_SPACE = Table("group_space", (
    Column("level", "str", "", "pooled, species, session or video"),
    Column("unit", "str", "", "which one: the video, session or species, or 'all'"),
    SESSION, SPECIES,
    Column("measure", "str", "", "which column of group_instants"),
    Column("measured_in", "str", "", "its unit; empty: a number"),
    figure("mean", "", "mean over instants (video, session) or over sessions (species, pooled); empty: no instant"),
    figure("q25", "", "lower quartile over the same"),
    figure("median", "", "median over the same"),
    figure("q75", "", "upper quartile over the same"),
    *CI, METHOD,
    Column("n_individuals", "int", "", "named individuals seen; 0 where nobody is named", low=0),
    N_SESSIONS, N_TRACKS,
    Column("most_at_once", "int", "", "most animals at one instant", low=0),
    N_INSTANTS,
))

SUBGROUPS = Table("subgroups", (
    VIDEO, SESSION, FRAME, TIME, LASTS,
    Column("group", "int", "", "the subgroup, by its lowest track", low=0),
    SPECIES,
    Column("animals", "int", "", "its animals of this species", low=1),
    Column("size", "int", "", "its animals of all species", low=1),
))

FISSION_FUSION = Table("fission_fusion", (
    VIDEO, SESSION, FRAME,
    Column("time_s", "float", "s", "first instant after the change", decimals=6),
    Column("event", "str", "", "fission or fusion"),
    Column("size", "int", "", "animals of the whole that are there before and after", low=2),
    Column("parts", "str", "", "the sizes of the parts, largest first, as 5+2"),
    Column("groups", "str", "", "the parts, each by its lowest track, in the same order"),
    Column("sure", "bool", "", "False where at this instant an animal of these groups came into the record or left it"
           " (a lost link looks like a fission), or changed to or from a further group"),
))

EXCESS = figure("excess", "", "observed - chance", -1, 1)

SYNCHRONY = Table("synchrony", (
    Column("level", "str", "", "pooled, species, session or video"),
    Column("unit", "str", "", "which one"),
    SESSION, SPECIES,
    Column("set", "str", "", "the set of exclusive behaviours"),
    Column("behaviour", "str", "", f"the behaviour both are in; '{ANY}': the same one, whichever"),
    Column("measure", "str", "", "pairs: share of pairs in it at one instant; animals: share of animals in the"
           " commonest behaviour"),
    figure("observed", "", "the share"),
    figure("chance", "", "its mean over the time-shifted controls"),
    figure("chance_low", "", "2.5th percentile of the controls"),
    figure("chance_high", "", "97.5th percentile"),
    EXCESS,
    *CI, P, P_CORRECTED, N_SESSIONS, N_TRACKS, N_INSTANTS,
    Column("n_pairs", "int", "", "pairs of coded animals, summed over instants", low=0),
    METHOD,
))

VIGILANCE_GROUPS = Table("vigilance_groups", (
    Column("group", "str", "", "the group: a session or a video"),
    SESSION, SPECIES,
    figure("size", "", "mean number of animals in the picture, of all species, while there is any"),
    Column("least", "int", "", "fewest", low=1),
    Column("most", "int", "", "most", low=1),
    Column("size_class", "str", "", "class of the mean"),
    Column("vigilant_s", "float", "s", "animal seconds in the behaviours called vigilance", decimals=6, low=0),
    Column("visible_s", "float", "s", "animal seconds visible and recognized", decimals=6, low=0),
    figure("share", "", "vigilant_s / visible_s"),
    N_TRACKS,
))

VIGILANCE_CLASSES = Table("vigilance_classes", (
    SPECIES,
    Column("size_class", "str", "", "class of the groups' mean size"),
    Column("n_groups", "int", "", "groups: one share each", low=0),
    figure("mean", "", "mean of the groups' shares"),
    figure("q25", "", "lower quartile"),
    figure("median", "", "median"),
    figure("q75", "", "upper quartile"),
))

VIGILANCE_TREND = Table("vigilance_trend", (
    SPECIES,
    figure("rho", "", "Spearman's rank correlation of group size and share, one value a session", -1, 1),
    *CI, P, P_CORRECTED,
    Column("n_groups", "int", "", "groups", low=0),
    N_SESSIONS, METHOD,
))

EVERY = (  # that a study makes
    BODY_LENGTHS, GROUP_INSTANTS, GROUP_SPACE, SUBGROUPS, FISSION_FUSION, SCANS, ASSOCIATIONS, ASSOCIATION_TESTS,
    SYNCHRONY, VIGILANCE_GROUPS, VIGILANCE_CLASSES, VIGILANCE_TREND, HABITAT_STAYS, HABITAT_TIME,
    HABITAT_BUDGETS,
)
# fmt: on
