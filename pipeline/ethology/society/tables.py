"""What goes into this family beside the tables of a run, and the tables that come out of it."""

from pipeline.columns import Column, Table, p_value

NOWHERE = "outside"  # the habitat of what lies in no polygon
ANY = "any"  # in the place of a behaviour: the same one, whichever

# fmt: off
_VIDEO = Column("video", "str", "", "key of the video")
_SESSION = Column("session", "str", "", "the session; empty where it spans several")
_SPECIES = Column("species", "str", "", "species; 'all': of all species together")
_TRACK = Column("track", "int", "", "the animal's number within its video", low=0)
_FRAME = Column("frame", "int", "", "source frame of the instant", low=0)
_TIME = Column("time_s", "float", "s", "the instant, seconds since the video's first frame", decimals=6)
_LASTS = Column("lasts_s", "float", "s", "what the instant stands for: until the next or the end", decimals=6, low=0)
_SUBJECT = Column("subject", "str", "", "the named individual, or <video>#<track>")
_METHOD = Column("method", "str", "", "how the figure was made, what it says, or why there is none")
_N_SESSIONS = Column("n_sessions", "int", "", "sessions behind the figure", low=0)
_N_TRACKS = Column("n_tracks", "int", "", "tracks behind the figure; a track is a fragment, never a replicate", low=0)
_N_INSTANTS = Column("n_instants", "int", "", "instants behind the figure; they are no replicates", low=0)


def _figure(name: str, unit: str, meaning: str) -> Column:
    return Column(name, "float", unit, meaning, decimals=6, missing=True)


_CI = (
    _figure("ci_low", "", "lower limit, see method; empty: none"),
    _figure("ci_high", "", "upper limit, see method; empty: none"),
)
_P = p_value("p", "share of what chance alone gives that is at least as extreme, see method; empty: not tested")

GROUND = Table("ground", (
    _TRACK, _FRAME,
    _figure("x_m", "m", "place on the ground, east of an origin; empty: not known"),
    _figure("y_m", "m", "place on the ground, north of it; empty: not known"),
))

BODY_LENGTHS = Table("body_lengths", (
    _VIDEO, _TRACK, _SPECIES,
    _figure("length_px", "px", "90th percentile of the box's longer side in the reference frame; empty: see method"),
    _figure("scale_px", "px", "what its distances are divided by: its own length, else its species' median in the"
            " video, else that of all"),
    _METHOD,
))

_NEAREST = (
    _figure("nearest_px", "px", "distance to the nearest neighbour; empty where it is alone"),
    _figure("nearest_bl", "body lengths", "the same, by the mean scale of the two"),
    _figure("nearest_m", "m", "the same, where positions are known"),
)

POSITIONS = Table("positions", (
    _VIDEO, _SESSION, _SPECIES, _TRACK, _SUBJECT,
    Column("individual", "str", "", "name; empty: nobody named it"),
    _FRAME, _TIME, _LASTS,
    Column("x_px", "float", "px", "place in the video's reference frame, to the right", decimals=2),
    Column("y_px", "float", "px", "place in the video's reference frame, downwards", decimals=2),
    _figure("x_m", "m", "place on the ground; empty: not known"),
    _figure("y_m", "m", "place on the ground; empty: not known"),
    _figure("scale_px", "px", "the animal's scale, see body_lengths"),
    Column("to_edge_px", "float", "px", "distance to the nearest edge of the frame, in the reference frame", decimals=2,
           low=0),
    _figure("speed_bl_s", "body lengths/s", "speed; empty where its motion is not known"),
    _figure("heading_deg", "deg", "direction of motion from the x to the y axis, of metres in a video that has them;"
            " empty: stands still or not known"),
))

NEIGHBOURS = Table("neighbours", (
    *POSITIONS.columns,
    Column("neighbour", "int", "", "track of the nearest neighbour in the picture; -1: alone", low=-1),
    *_NEAREST,
    Column("near_edge", "bool", "", "True where it is nearer to the frame's edge than to its neighbour, or alone: the"
           " true neighbour may be out of the picture"),
))

GROUP_INSTANTS = Table("group_instants", (
    _VIDEO, _SESSION, _SPECIES, _FRAME, _TIME, _LASTS,
    Column("animals", "int", "", "animals with a place", low=0),
    *_NEAREST,
    _figure("inside_px", "px", "nearest_px of those not near the edge only"),
    _figure("inside_bl", "body lengths", "nearest_bl of those not near the edge only"),
    _figure("inside_m", "m", "nearest_m of those not near the edge only"),
    _figure("near_edge_share", "", "share of the animals that are nearer to the edge than to their neighbour"),
    _figure("spread_px", "px", "mean distance to the centroid; from two animals on"),
    _figure("spread_bl", "body lengths", "the same, by the mean scale of the animals"),
    _figure("spread_m", "m", "the same on the ground"),
    _figure("hull_px2", "px2", "area of the convex hull; from three animals on; grows with their number"),
    _figure("hull_bl2", "body lengths2", "the same"),
    _figure("hull_m2", "m2", "the same on the ground"),
    Column("moving", "int", "", "animals with a heading: the N of the next columns", low=0),
    _figure("polarisation", "", "length of the mean heading, from two on; 1: all move in one direction"),
    _figure("polarisation_chance", "", "what so many random headings give on average"),
    _figure("rotation", "", "milling order about the centroid, from two on; 1: all circle it"),
    _figure("rotation_chance", "", "what so many random headings give on average"),
))

MEASURES = {  # columns of GROUP_INSTANTS that are summed up, and what they are measured in
    column.name: column.unit for column in GROUP_INSTANTS.columns[GROUP_INSTANTS.names.index("animals"):]
}

GROUP_SPACE = Table("group_space", (
    Column("level", "str", "", "pooled, species, session or video"),
    Column("unit", "str", "", "which one: the video, session or species, or 'all'"),
    _SESSION, _SPECIES,
    Column("measure", "str", "", "which column of group_instants"),
    Column("measured_in", "str", "", "its unit; empty: a number"),
    _figure("mean", "", "mean over instants (video, session) or over sessions (species, pooled); empty: no instant"),
    _figure("q25", "", "lower quartile over the same"),
    _figure("median", "", "median over the same"),
    _figure("q75", "", "upper quartile over the same"),
    *_CI, _METHOD,
    Column("n_individuals", "int", "", "named individuals seen; 0 where nobody is named", low=0),
    _N_SESSIONS, _N_TRACKS,
    Column("most_at_once", "int", "", "most animals at one instant", low=0),
    _N_INSTANTS,
))

SCANS = Table("scans", (
    _VIDEO, _SESSION,
    Column("period", "int", "", "number of the sampling period in its video", low=0),
    _TIME, _TRACK, _SUBJECT,
    Column("individual", "str", "", "name; empty: nobody named it"),
    _SPECIES,
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
    _figure("x_chance", "", "x expected where the members of a period's groups are drawn by lot"),
    _figure("sri", "", "simple ratio index: x / n"),
    _figure("sri_se", "", "its standard error, periods taken as independent; tells nothing (0) where it is 0 or 1"),
    _figure("hwi", "", "half-weight index: x / (x + y_ab + (y_a + y_b) / 2)"),
    _figure("hwi_se", "", "its standard error, periods taken as independent; tells nothing (0) where it is 0 or 1"),
    _METHOD,
))

ASSOCIATION_TESTS = Table("association_tests", (
    Column("level", "str", "", "individual or track"),
    Column("video", "str", "", "the video of tracks; empty: all"),
    _figure("sd_sri", "", "standard deviation of the pairs' simple ratio indices"),
    _figure("sd_chance", "", "its mean over the permutations"),
    _figure("chance_low", "", "2.5th percentile of the permutations"),
    _figure("chance_high", "", "97.5th percentile"),
    _P,
    _figure("together", "", "share of pairs seen in one period that are in one group"),
    _figure("still_together", "", "the same among pairs that were in one group in the period before; where it is much"
            " larger, periods are not independent and p is too small: lengthen period_s"),
    Column("n_pairs", "int", "", "pairs", low=0),
    Column("n_animals", "int", "", "animals", low=0),
    Column("n_periods", "int", "", "sampling periods with two of them or more", low=0),
    Column("n_shuffled", "int", "", "of these, periods with several groups: only there can members be swapped", low=0),
    Column("permutations", "int", "", "arrangements drawn", low=0),
    _METHOD,
))

SUBGROUPS = Table("subgroups", (
    _VIDEO, _SESSION, _FRAME, _TIME, _LASTS,
    Column("group", "int", "", "the subgroup, by its lowest track", low=0),
    _SPECIES,
    Column("animals", "int", "", "its animals of this species", low=1),
    Column("size", "int", "", "its animals of all species", low=1),
))

FISSION_FUSION = Table("fission_fusion", (
    _VIDEO, _SESSION, _FRAME,
    Column("time_s", "float", "s", "first instant after the change", decimals=6),
    Column("event", "str", "", "fission or fusion"),
    Column("size", "int", "", "animals of the whole that are there before and after", low=2),
    Column("parts", "str", "", "the sizes of the parts, largest first, as 5+2"),
    Column("groups", "str", "", "the parts, each by its lowest track, in the same order"),
    Column("sure", "bool", "", "False where an animal of these groups came into the record or left it at this instant:"
           " a lost link looks like a fission"),
))

SYNCHRONY = Table("synchrony", (
    Column("level", "str", "", "pooled, species, session or video"),
    Column("unit", "str", "", "which one"),
    _SESSION, _SPECIES,
    Column("set", "str", "", "the set of exclusive behaviours"),
    Column("behaviour", "str", "", f"the behaviour both are in; '{ANY}': the same one, whichever"),
    Column("measure", "str", "", "pairs: share of pairs in it at one instant; animals: share of animals in the"
           " commonest behaviour"),
    _figure("observed", "", "the share"),
    _figure("chance", "", "its mean over the time-shifted controls"),
    _figure("chance_low", "", "2.5th percentile of the controls"),
    _figure("chance_high", "", "97.5th percentile"),
    _figure("excess", "", "observed - chance"),
    *_CI, _P, _N_SESSIONS, _N_TRACKS, _N_INSTANTS,
    Column("n_pairs", "int", "", "pairs of coded animals, summed over instants", low=0),
    _METHOD,
))

VIGILANCE_GROUPS = Table("vigilance_groups", (
    Column("group", "str", "", "the group: a session or a video"),
    _SESSION, _SPECIES,
    _figure("size", "", "mean number of animals in the picture, of all species, while there is any"),
    Column("least", "int", "", "fewest", low=1),
    Column("most", "int", "", "most", low=1),
    Column("size_class", "str", "", "class of the mean"),
    Column("vigilant_s", "float", "s", "animal seconds in the behaviours called vigilance", decimals=6, low=0),
    Column("visible_s", "float", "s", "animal seconds visible and recognized", decimals=6, low=0),
    _figure("share", "", "vigilant_s / visible_s"),
    _N_TRACKS,
))

VIGILANCE_CLASSES = Table("vigilance_classes", (
    _SPECIES,
    Column("size_class", "str", "", "class of the groups' mean size"),
    Column("n_groups", "int", "", "groups: one share each", low=0),
    _figure("mean", "", "mean of the groups' shares"),
    _figure("q25", "", "lower quartile"),
    _figure("median", "", "median"),
    _figure("q75", "", "upper quartile"),
))

VIGILANCE_TREND = Table("vigilance_trend", (
    _SPECIES,
    _figure("rho", "", "Spearman's rank correlation of group size and share, one value a group"),
    *_CI, _P,
    Column("n_groups", "int", "", "groups", low=0),
    _METHOD,
))

HABITAT_STAYS = Table("habitat_stays", (
    _VIDEO, _SESSION, _TRACK, _SUBJECT, _SPECIES,
    Column("habitat", "str", "", f"the polygon's habitat; '{NOWHERE}': in none"),
    Column("start_s", "float", "s", "first instant", decimals=6),
    Column("stop_s", "float", "s", "what its last instant stands for ends here", decimals=6),
    _N_INSTANTS,
))

HABITAT_TIME = Table("habitat_time", (
    _SUBJECT, _SPECIES,
    Column("habitat", "str", "", f"the habitat; '{NOWHERE}': in no polygon"),
    Column("seconds", "float", "s", "time with a place in it", decimals=6, low=0),
    _figure("share", "", "of the animal's time with a place"),
    _N_INSTANTS,
))
# fmt: on
