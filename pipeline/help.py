"""What ``ethopipe VERB --help`` prints."""

import dataclasses

from pipeline.config import config_folder
from pipeline.schemas import SCHEMAS

_HELP = {
    "run": """\
ethopipe run SOURCE [SOURCE ...] [key=value ...]

From footage to detections, tracks, mini-scenes, behaviours, time budgets, transitions, figures, report.html
and overlay.mp4. SOURCE is a video, a folder (searched below), a glob, or a .txt list of paths.

  ethopipe run DJI_0001.MP4 out=results            one video
  ethopipe run field_day_1/ detector=motion        a folder, without any weights
  ethopipe run clip.mp4 detector.model=my.pt detector.classes=[]   your own YOLO checkpoint
  ethopipe run clip.mp4 tracker=bytetrack          another tracker: nothing is detected again
  ethopipe run clip.mp4 --cfg                      print all settings as they would be used, and stop

A run that was stopped goes on with its first unfinished stage when the same command is given again.
Exit code: 0 all done; 1 an error, said in one line; 2 done, but some videos failed or broke off (listed).
""",
    "demo": """\
ethopipe demo [key=value ...]

Films one minute of a simulated herd, runs the chain on it with the embedded models (nothing is downloaded), compares
every output with the truth, and prints the figures beside their targets; they are in OUT/run/comparison.json too. All
settings of ethopipe run and of a scene can be given.

  ethopipe demo seed=7 out=runs/seven      another herd
  ethopipe demo scene=crossing             another kind of scene
""",
    "simulate": """\
ethopipe simulate [scene=NAME] [seed=N] [out=FOLDER] [scene.key=value ...]

Renders a savanna whose truth is known: the video, and beside it boxes, visibility, identities, behaviours, positions
and the camera, as our tables, CVAT for video 1.1, MOTChallenge, COCO and a DJI-style SRT.

  ethopipe simulate scene=herd70 seed=3 out=herd
  ethopipe simulate scene=orbit scene.duration_s=20 scene.width=3840 scene.height=2160
""",
    "train": """\
ethopipe train data=FOLDER out=FOLDER [key=value ...]

Fits a recognizer to labelled clips, judges it by recordings that it never saw, and saves it as a folder that
recognizer=transformers recognizer.model=FOLDER reads. data is a folder with clips.csv and the videos it names:

  path,behaviour,species,group,start_s,stop_s
  zebra_01.mp4,Graze,zebra,herd A,,              the whole clip; group: the recording it was cut from
  zebra_02.mp4,Walk,zebra,herd B,12.5,18.0       a part of it

  ethopipe train data=clips out=models/mine fit.steps=3000
  ethopipe train data=clips out=models/mine init=savanna_videomae fit=full   go on from a model that is there
  ethopipe train data=clips out=models/mine split.by=individual              judged by animals that it never saw
  ethopipe train data=clips out=models/mine split.folds=5                    every clip judged once; learns from all

Or data is a public data set as its authors lay it out (KABR, BaboonLand, ChimpACT, Animal Kingdom,
MammalNet; data/README.md):

  ethopipe train data=KABR out=models/kabr frame_rate=29.97

Or data is the folder of a run with scenes=true, and labels says who did what from when to when: BORIS's events or
project, a CSV (video, track, start_s, stop_s, behaviour), or a folder of mini-scenes labelled in CVAT:

  ethopipe train data=runs/herd labels=events.tsv out=models/mine old2new='{Walking: Walk}'

A training that was stopped (Ctrl-C, max_minutes, a crash) goes on when the same command is given again.

For a detector: ethopipe train detector=yolo --help
""",
    "train_detector": """\
ethopipe train detector=yolo data=FOLDER out=FOLDER [key=value ...]

Fits a YOLO to labelled boxes, judges it by recordings that it never saw, and saves it as a folder that
detector=yolo detector.model=FOLDER reads. data is one of these, or '[several]':

  footage/                 videos, each with its labels beside it: DJI_1.mp4 and DJI_1.xml (CVAT for video 1.1),
                           DJI_1.txt (MOTChallenge), DJI_1.json (COCO), DJI_1.csv (frame, x1, y1, x2, y2, species),
                           DJI_1/ (YOLO text)
  set/annotations.json     a COCO data set with its pictures;  set/  a folder of YOLO text with its pictures
  runs/herd                a run of ours: its tracks, or with labels=FOLDER these as corrected by hand

  ethopipe train detector=yolo data=footage out=models/oryx
  ethopipe train detector=yolo data='[day1, day2]' out=models/oryx init=savanna_yolo pictures.every_s=2 fit.epochs=50

A training that was stopped (Ctrl-C, max_minutes, a crash) goes on from its last whole epoch with the same command.
""",
    "evaluate": """\
ethopipe evaluate scores=FILE | run=FOLDER labels=FILE | run=FOLDER truth=FILE | tracks=FILE truth=FILE [key=value ...]

Writes results.html, the same as tables and evaluation.json, and pictures to out=FOLDER.

How good a recognizer's scores of labelled clips are: top-1, -3 and -5 (of all clips, and the mean over behaviours),
recall, precision and average precision of each behaviour, mAP, all with intervals from resampled recordings; whether
the probabilities mean what they say, before and after calibration; and what is gained where doubtful clips are left
unknown. FILE has a row a clip:

  clip,p_Walk,p_Graze,behaviour,group          probabilities, what is true, the recording
  clip,p_Walk,p_Graze,y_Walk,y_Graze           or 0 and 1 for each, where several may be true
  ...,species                                  where it is there, all figures are given by species too
  ...,species,species_zebra,species_giraffe    and what the recognizer says of the species is judged as well

Calibration and thresholds are always learnt on the one half of the recordings and judged on the other.

  ethopipe evaluate scores=scores.csv out=evaluation block=50     50 neighbouring clips are one recording
  ethopipe evaluate run=runs/herd labels=events.tsv               a run beside a human's labels of its animals: time
                                                                  that is right, segment F1, edit score, budget error
  ethopipe evaluate run=runs/orbit truth=orbit                    its boxes and tracks beside the true ones: mAP by
                                                                  species and size, HOTA, MOTA, IDF1
  ethopipe evaluate tracks=mine/ truth=MOT15/train                tracks of any program: a file, or a folder of them

truth is CVAT for video, COCO, MOTChallenge, YOLO text, our own table of boxes, a folder with a file named as each
video, or the folder of a simulated scene. Figures of six recordings or more have intervals.
""",
    "analyze": """\
ethopipe analyze RUN [RUN ...] [key=value ...]

Merges finished runs into a study: the tables, figures and report.html of a run, over the videos of all of them. No
video is read, so that other statistics, names of animals or sessions take seconds. Videos of several runs are called
<run>/<video>; in your tables the run's name may be left out where one run alone has the video.

  ethopipe analyze runs/monday runs/tuesday out=studies/mara
  ethopipe analyze runs/herd individuals=individuals.csv sessions=sessions.csv 'statistics.by=[sex,habitat]'
  ethopipe analyze runs/herd statistics.time_bin_s=60        shares minute by minute
  ethopipe analyze runs/herd sessions=sessions.csv compare=habitat    do two conditions differ, and by how much?
  ethopipe analyze runs/herd sessions=sessions.csv 'compare={herd: [Large, Small]}'   of more than two, these
""",
    "agree": """\
ethopipe agree A B [C ...] [key=value ...]

How far observers agree on who did what and when. Each is a file of labels (BORIS's tabular or aggregated events, a
project, a CSV with video, track, start_s, stop_s, behaviour), a folder of mini-scenes labelled in CVAT, a run's
folder, or a bouts.csv. They are joined by video (whatever its folder or ending), animal and time, where both watched;
what is left out is said in seconds. Writes results.html, tables with a dictionary, agreement.json and pictures.

  ethopipe agree anna.tsv ben.tsv                        two observers: kappa by time and by alignment of bouts and
                                                         events, alpha, budgets, and what to look at together
  ethopipe agree anna.tsv ben.boris carl.csv             three: each pair, and Krippendorff's alphas of all
  ethopipe agree labels.csv runs/herd old2new='{Walking: Walk}'   an observer and a run
  ethopipe agree anna.tsv ben.tsv nothing_coded=true     where only one state is coded: the rest is a code too
  ethopipe agree runs/herd notes.tsv old2new='{Out of Sight: not visible}' shift_s='[0,-12.5]'
                                                         drone and ground, their clocks brought together: how much of
                                                         the time each had the animals in sight

disagreements.csv has every stretch on which two disagree, the longest first.
""",
    "audit": """\
ethopipe audit RUN [out=FOLDER] [key=value ...]

How right is it, on this very footage? Draws moments of a run or study by what was told of them and by session, and
films each from the footage, the animal in a box, without a word of what was told. Open OUT/audit.html, pick what the
animal does at the moment with the white rim, save the sheet, put it into the folder; a second observer does the same.
Then accuracy, kappa, precision and recall of each behaviour, and the shares that the animals really spent, all weighted
by the draw, are in tables/audit/ and in the report:

  ethopipe audit runs/herd                          audits/herd/audit.html
  ethopipe analyze runs/herd audit=audits/herd      when the sheet is filled in (audit_anna.csv, audit_ben.csv ...)
  ethopipe audit runs/herd per_behaviour=100 out=audits/large
  ethopipe audit studies/mara                       of several runs; then: ethopipe analyze RUN RUN audit=audits/mara
""",
    "export": """\
ethopipe export RUN format=NAME [out=FOLDER] [key=value ...]

Takes a run elsewhere, or a study that analyze made. NAME is one of these, or '[several]':

{formats}

  ethopipe export runs/herd format=xlsx                      what was found, each format in a folder of its name
  ethopipe export studies/mara format='[boris_events, sdis]' out=elsewhere

cvat, boris and csv, which are written where no format is named, are for labelling behaviours, from a run with
scenes=true: videos of mini-scenes; for CVAT the labels (cvat_labels.json, pasted into "Raw", or cvat_project.zip,
"Create from backup") and what was recognized, to be uploaded as "CVAT 1.1" (scenes/VIDEO/prelabels/) and corrected;
for BORIS a project; a spreadsheet.

  ethopipe export runs/herd                                  every mini-scene
  ethopipe export runs/herd per_behaviour=20                 20 of each behaviour, the least sure
  ethopipe export runs/herd format=boris unit=video          the source videos, animals by their track's number

What comes back trains and judges: the XML that CVAT exports ("CVAT for video 1.1") goes to scenes/VIDEO/actions/, then

  ethopipe train data=runs/herd labels=exports/herd/scenes out=models/mine       or labels=exports/herd/labels.boris
""",
}


def help_text(verb: str) -> str:
    """What a verb does, its settings as its config explains them, and the choices in every group."""
    folder = config_folder()
    own = (folder / f"{verb}.yaml").read_text(encoding="utf-8").split("- _self_")[-1].strip()
    taken = {field.name for field in dataclasses.fields(SCHEMAS[verb])}
    taken -= {line.partition(":")[0] for line in own.splitlines()}  # these are plain settings here
    groups = sorted(path for path in folder.iterdir() if path.is_dir() and path.name in taken)
    rows = [f"  {g.name:12s} {', '.join(sorted(f.stem for f in g.glob('*.yaml')))}" for g in groups]
    settings = "\n".join(f"  {line}".rstrip() for line in own.splitlines())
    head = f"Groups (chosen as group=name, set as group.key=value; their settings and meaning: {folder}):"
    chosen = "\n".join(["", head, *rows, ""]) if rows else ""
    return f"{_what(verb)}\nSettings (given as key=value):\n{settings}\n{chosen}"


def _what(verb: str) -> str:
    """What a verb does; of export also the formats there are."""
    if verb != "export":
        return _HELP[verb]
    from pipeline.export.formats import listed

    return _HELP[verb].replace("{formats}", listed())
