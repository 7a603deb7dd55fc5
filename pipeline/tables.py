"""Tables of a video and of a study: columns, types, units and meaning, declared once.

The families of the ethology declare theirs in their own ``tables.py``. Reading and writing is done by
``artifacts.py``.
"""

from pipeline.columns import Column, Table

# fmt: off
_VIDEO = Column("video", "str", "", "key of the video: its path below the source, made safe")
_TRACK = Column("track", "int", "", "the animal's number within its video, from 1 (imported tracks keep theirs)", low=0)
_FRAME = Column("frame", "int", "", "source frame, from 0", low=0)
_TIME = Column("time_s", "float", "s", "seconds since the first frame, by timestamp", decimals=6)
_BOX = (
    Column("x1", "float", "px", "left edge of the box", decimals=2),
    Column("y1", "float", "px", "top edge of the box", decimals=2),
    Column("x2", "float", "px", "right edge of the box, exclusive", decimals=2),
    Column("y2", "float", "px", "bottom edge of the box, exclusive", decimals=2),
)
BOX = [column.name for column in _BOX]
_SCORE = Column("score", "float", "", "how sure the detector was", decimals=4, low=0, high=1)
_SPECIES = Column("species", "str", "", "species, as the detector names it, the recognizer where that says none, or the"
                  " observer in observations.csv")
_SESSION = Column("session", "str", "", "what intervals resample: one flight or visit")
_SET = Column("set", "str", "", "the set of mutually exclusive behaviours this one belongs to")
_BEHAVIOUR = Column("behaviour", "str", "", "behaviour; also 'unknown' (scores too low) and 'not visible'")
_DURATION = Column("duration_s", "float", "s", "how long it lasts; 0 in a still", decimals=6, low=0)

FRAMES = Table("frames", (
    _FRAME, _TIME, _DURATION,
    Column("fault", "str", "", "empty, or what is wrong here: duplicate, gap, order, corrupt"),
))

CAMERA = Table("camera", (
    _FRAME, _TIME,
    *(
        Column(f"m{i}{j}", "float", "px" if j == 3 else "", f"row {i}, column {j} of the transform from this"
               " frame to the video's reference frame", decimals=6)
        for i in (1, 2)
        for j in (1, 2, 3)
    ),
    Column("known", "bool", "", "False where the motion could not be told and none was assumed"),
    Column("inliers", "int", "", "background points that agree with the transform", low=0),
))

DETECTIONS = Table("detections", (
    _FRAME, _TIME, *_BOX, _SCORE, _SPECIES,
    Column("share", "float", "", "share of the votes for this species where several boxes were merged",
           decimals=4, low=0, high=1),
    Column("given_id", "int", "", "identity that came with imported boxes; -1: none", low=-1),
))

TRACKS = Table("tracks", (
    _TRACK, _FRAME, _TIME, *_BOX, _SCORE, _SPECIES,
    Column("observed", "bool", "", "False where the box is interpolated between two detections"),
))

TELEMETRY = Table("telemetry", (
    _FRAME, _TIME,
    Column("lat", "float", "deg", "latitude of the drone, WGS84", decimals=8, low=-90, high=90, missing=True),
    Column("lon", "float", "deg", "longitude of the drone, WGS84", decimals=8, low=-180, high=180, missing=True),
    Column("height_m", "float", "m", "height above the take-off, as told, or above the ground, as stated", decimals=3,
           missing=True),
    Column("elevation_m", "float", "m", "height above the sea", decimals=3, missing=True),
    Column("heading_deg", "float", "deg", "compass direction in which the camera looks: 0 north, 90 east", decimals=4,
           low=0, high=360, missing=True),
    Column("pitch_deg", "float", "deg", "the camera's axis above the horizon; -90: straight down", decimals=4,
           missing=True),
    Column("roll_deg", "float", "deg", "turn about the axis, clockwise as the camera sees the world; empty: level",
           decimals=4, missing=True),
    Column("focal_35mm", "float", "mm", "focal length in terms of 35 mm film, without digital zoom", decimals=2,
           missing=True),
    Column("zoom", "float", "", "digital zoom; empty: 1", decimals=4, missing=True),
    Column("focal_px", "float", "px", "focal length in pixels, with it: 35 mm film is 36 mm wide", decimals=3,
           missing=True),
    Column("stated", "str", "", "which of these the settings state; all others are told by the telemetry"),
    Column("files", "str", "", "the kinds of files that tell them; empty: none"),
))

GROUND = Table("ground", (
    _TRACK, _FRAME, _TIME,
    Column("x_m", "float", "m", "where the animal stands, east of where the drone was first; where no heading is told"
           " to the right of the drone; empty: withheld, see error_m", decimals=3, missing=True),
    Column("y_m", "float", "m", "the same, to the north; where no heading is told ahead of the drone", decimals=3,
           missing=True),
    Column("lat", "float", "deg", "latitude of that place, WGS84; empty without a heading or a place of the drone",
           decimals=8, low=-90, high=90, missing=True),
    Column("lon", "float", "deg", "longitude of that place, WGS84", decimals=8, low=-180, high=180, missing=True),
    Column("error_m", "float", "m", "major semi-axis of its error ellipse (one standard deviation) as seen from the"
           " drone; over ground.max_error_m the place is withheld; empty: at the horizon, or too little is told",
           decimals=3, missing=True),
    Column("box_error_m", "float", "m", "what is in it of the box's own error; the rest is the camera's, which moves"
           " all animals of a frame and leaves distances between near ones almost as they are", decimals=3,
           missing=True),
    Column("pixel_m", "float", "m", "length that a pixel spans there, at right angles to the camera's axis: times the"
           " box's longer side that of an animal seen from the side; empty: the place is withheld", decimals=6, low=0,
           missing=True),
    Column("stretch", "float", "", "how wrong a short distance there is by the camera's error, as a share of it: one"
           " standard deviation, in the direction where it is largest", decimals=5, missing=True),
))

SCORE_PREFIX, SPECIES_PREFIX = "p_", "species_"
SCORES = Table("scores", (
    _TRACK,
    Column("start_frame", "int", "", "first source frame of the window, or of the moment in it that a recognizer"
           " answers for by itself", low=0),
    Column("stop_frame", "int", "", "source frame after its last", low=0),
    Column("time_s", "float", "s", "time of its first sample", decimals=6),
    Column("repeated", "bool", "", "True where the clip was shorter than a window and its last frame was repeated"),
), prefix=SCORE_PREFIX, prefix_meaning="probability of the behaviour, as the recognizer gives it",
   second=(SPECIES_PREFIX, "probability of the species, where the recognizer tells species too"))

SPECIES = Table("species", (
    _TRACK,
    Column("species", "str", "", "what the animal is called in bouts and budgets, unless the observer says otherwise"),
    Column("detected", "str", "", "the detector's word"),
    Column("recognized", "str", "", "the likeliest species over the track's windows; empty: no recognizer told one"),
    Column("probability", "float", "", "mean probability of it over these windows", decimals=4, missing=True),
    Column("source", "str", "", "whose word counts: detector or recognizer"),
))

BEHAVIOURS = Table("behaviours", (
    _TRACK, _FRAME, _TIME, _DURATION, _SET, _BEHAVIOUR,
    Column("confidence", "float", "", "mean probability of the behaviour that won, over the windows that cover"
           " the frame, weighed as behaviours.adapt says; 0 where there is none", decimals=4),
    Column("reason", "str", "", "empty where recognized; not visible: gap, small, edge, overlap, label; unknown:"
           " no window, low score"),
))

BOUTS = Table("bouts", (
    Column("subject", "str", "", "the named individual, or <video>#<track> where none is named"),
    _SESSION, _VIDEO, _TRACK, _SPECIES, _SET, _BEHAVIOUR,
    Column("kind", "str", "", "state (has a duration) or event (is counted)"),
    Column("start_s", "float", "s", "start, seconds since the video's first frame", decimals=6),
    Column("stop_s", "float", "s", "stop, exclusive", decimals=6),
    _DURATION,
    Column("start_frame", "int", "", "first source frame", low=0),
    Column("stop_frame", "int", "", "source frame after the last", low=0),
    Column("censored_start", "bool", "", "True where the start was not seen: the record begins or is broken there"),
    Column("censored_stop", "bool", "", "True where the stop was not seen"),
    Column("confidence", "float", "", "mean confidence over the bout's frames", decimals=4),
    Column("source", "str", "", "human or model"),
))

_UNIT = (
    Column("level", "str", "", "what a unit is: pooled, species, session, individual, track (in time_budgets), or a"
           " column of statistics.by"),
    Column("unit", "str", "", "which one: <video>#<track>, the individual, session or species, or 'all'"),
    Column("session", "str", "", "the session of a track or session row; empty where the unit spans several"),
    Column("species", "str", "", "the species; 'all' in the pooled rows"),
)
_METHOD = Column("method", "str", "", "how the figure and its limits were made")
_N = (
    Column("n_individuals", "int", "", "named individuals behind the figure; 0 where nobody is named", low=0),
    Column("n_sessions", "int", "", "sessions behind the figure", low=0),
    Column("n_tracks", "int", "", "tracks behind the figure; a track is a fragment, never a replicate", low=0),
    Column("most_at_once", "int", "", "most animals of the unit seen in one frame", low=0),
)
_CI = (
    Column("ci_low", "float", "", "lower limit, see method; empty where there are too few units", decimals=6,
           missing=True),
    Column("ci_high", "float", "", "upper limit, see method; empty where there are too few units", decimals=6,
           missing=True),
)

TIME_BUDGETS = Table("time_budgets", (
    *_UNIT, _SET, _BEHAVIOUR,
    Column("share", "float", "", "share of visible, recognized time, sums to 1 within a set; empty for events and"
           " where there is no time", decimals=6, missing=True),
    *_CI, _METHOD,
    Column("mean_share", "float", "", "mean over named animals of each one's share, every animal counting as much,"
           " of those recognized for statistics.min_visible_s in the unit; empty for fewer than two", decimals=6,
           missing=True),
    Column("mean_ci_low", "float", "", "lower limit of mean_share, see mean_method", decimals=6, missing=True),
    Column("mean_ci_high", "float", "", "upper limit of mean_share", decimals=6, missing=True),
    Column("mean_method", "str", "", "how mean_share and its limits were made"),
    Column("mean_individuals", "int", "", "named animals recognized for statistics.min_visible_s in the unit: those"
           " that mean_share is of, if two or more", low=0),
    Column("bound_low", "float", "", "the share if none of the excluded time was spent so", decimals=6, missing=True),
    Column("bound_high", "float", "", "the share if all of the excluded time was", decimals=6, missing=True),
    Column("mean_bound_low", "float", "", "mean_share if none of the excluded time of its animals was spent so",
           decimals=6, missing=True),
    Column("mean_bound_high", "float", "", "mean_share if all of it was", decimals=6, missing=True),
    *_N,
    Column("n_seen", "int", "", "of the named individuals, and of the tracks of the others, those seen in this"
           " behaviour; limits of a behaviour that one alone was seen in say next to nothing", low=0),
    Column("behaviour_s", "float", "s", "animal seconds in this behaviour; 0 for events", decimals=6, low=0),
    Column("visible_s", "float", "s", "animal seconds visible and recognized: the denominator", decimals=6, low=0),
    Column("excluded_s", "float", "s", "animal seconds not in the denominator: not visible or unknown; lost ones too,"
           " between two boxes of a track, or of a named animal in one video and session (the earlier track has them)",
           decimals=6, low=0),
    Column("bouts", "int", "", "bouts of this behaviour, after bout smoothing; occurrences of an event", low=0),
    Column("bouts_per_h", "float", "1/h", "bouts / visible_s", decimals=6, missing=True),
    Column("censored_share", "float", "", "share of them cut off: start or end not seen", decimals=6, missing=True),
))

TRANSITIONS = Table("transitions", (
    Column("form", "str", "", "bout: from one bout to the next, never to itself; interval: every step_s, itself"
           " allowed"),
    Column("step_s", "float", "s", "step of the interval form; empty for the bout form", decimals=6, missing=True),
    *_UNIT, _SET,
    Column("from", "str", "", "the behaviour before"),
    Column("to", "str", "", "the behaviour after"),
    Column("count", "int", "", "transitions seen within one animal's unbroken record", low=0),
    Column("row_total", "int", "", "transitions out of 'from'", low=0),
    Column("p", "float", "", "count / row_total; empty where row_total is 0", decimals=6, missing=True),
    *_CI, _METHOD, *_N,
))

_INDIVIDUAL = Column("individual", "str", "", "name of the animal; the same name joins tracks; empty: nobody named it")

NAMES = Table("individuals", (_VIDEO, _TRACK, _INDIVIDUAL), extra=True)

INDIVIDUALS = Table("individuals", (
    _VIDEO, _TRACK, _INDIVIDUAL, _SPECIES,
    Column("start_s", "float", "s", "first seen", decimals=6),
    Column("stop_s", "float", "s", "last seen", decimals=6),
    Column("tracked_s", "float", "s", "time with a box; the report's tracked time adds lost_s", decimals=6, low=0),
    Column("visible_s", "float", "s", "of it in sight", decimals=6, low=0),
    Column("recognized_s", "float", "s", "of it in sight and recognized, in whichever set", decimals=6, low=0),
    Column("lost_s", "float", "s", "time without a box between this and the animal's next one in its video and session",
           decimals=6, low=0),
    Column("observed_share", "float", "", "share of the boxes that are detections, not interpolated", decimals=6),
), extra=True)

EXCLUDED = Table("excluded", (
    _VIDEO, _SESSION,
    Column("set", "str", "", "the set of behaviours; empty where the time counts in none"),
    Column("cause", "str", "", "observations (observations.csv says so), not visible or unknown"),
    Column("reason", "str", "", "the observer's reason, that of the behaviours table, or lost: no box between"
           " two boxes of a track, or of a named animal in one video and session"),
    Column("footage_s", "float", "s", "footage left out; empty for animals' time", decimals=6, missing=True),
    Column("animal_s", "float", "s", "animals' seconds left out", decimals=6, low=0),
))

SESSIONS = Table("sessions", (_SESSION,), extra=True)

OBSERVATIONS = Table("observations", (
    _VIDEO,
    Column("start_s", "float", "s", "start of the span; empty: the video's start", missing=True),
    Column("stop_s", "float", "s", "end of the span; empty: the video's end", missing=True),
    _SESSION,
    Column("group", "str", "", "herd or troop"),
    Column("site", "str", "", "where"),
    Column("species", "str", "", "species, where the observer knows it"),
    Column("timezone", "str", "", "offset from UTC, as +03:00"),
    Column("use", "str", "", "yes or no; spans with no enter no statistic"),
    Column("reason", "str", "", "why not: take-off, transit, habituation ..."),
), extra=True)
