"""From a composed config to a plan: everything built and checked before the first frame is decoded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from pipeline.analyze import AnalysisPlan
from pipeline.artifacts import read_object
from pipeline.audit.settings import AuditPlan
from pipeline.build import build
from pipeline.chain.desk import FAMILIES
from pipeline.chain.parts import Parts
from pipeline.chain.run import Plan
from pipeline.chain.waits import longer, waits
from pipeline.config import DETECTOR_TRAINING, FITS, RIVALS, SETTINGS, TRAINING
from pipeline.detectors.motion import MotionDetector
from pipeline.detectors.network import NetworkDetector
from pipeline.detectors.whole import WholeDetector
from pipeline.errors import UsageError
from pipeline.ethology.agreement.settings import AgreementSettings
from pipeline.ethology.behaviours import with_thresholds
from pipeline.ethology.contrasts.conditions import comparisons, settled
from pipeline.ethology.correction.settings import AuditSettings
from pipeline.ethology.correction.sheet import read_sheets
from pipeline.ethology.covariates import check_columns, read_sessions
from pipeline.ethology.durations.latencies import read_starts
from pipeline.ethology.ethogram import resolve
from pipeline.ethology.individuals import read_individuals
from pipeline.ethology.observations import read_observations
from pipeline.ethology.society.geojson import read_habitats
from pipeline.evaluation.held_out import read_held_out
from pipeline.evaluation.settings import EvaluationPlan
from pipeline.export.formats import LABELS, formats_of
from pipeline.export.settings import ExportPlan
from pipeline.formats.renames import renames
from pipeline.miniscenes import fitted
from pipeline.observers.settings import AgreePlan, names_of
from pipeline.stored import STUDY
from pipeline.trackers.replay import ReplayTracker
from pipeline.training.plan import TrainingPlan
from pipeline.training.train_detector import DetectorPlan

_READERS = {  # of the tables that the user gives
    "individuals": read_individuals,
    "observations": read_observations,
    "sessions": read_sessions,
    "starts": read_starts,
}


def plan(config: DictConfig, command: str) -> Plan:
    """Everything ``ethopipe run`` needs, built before the first frame is decoded, so that a fault shows at once."""
    missing = sorted(OmegaConf.missing_keys(config))
    if "source" in missing or not config.source:
        raise UsageError("no value for source; for example: ethopipe run my_video.mp4")
    if missing:
        raise UsageError(f"no value for {', '.join(missing)}; for example: {missing[0]}=...")
    built = {group: build(config[group], plugins=config.plugins) for group in RIVALS}
    built |= {group: build(config[group], target) for group, target in SETTINGS.items()}
    card = built["recognizer"].card
    whole = isinstance(built["detector"], WholeDetector)
    _check_tracks(built)
    built["miniscene"] = fitted(built["miniscene"], whole, card.close)
    built["ethogram"] = resolve(built["ethogram"], card.behaviours, card.name, card.definitions)
    try:
        built["behaviours"] = with_thresholds(built["behaviours"], card.thresholds, built["ethogram"])
    except ValueError as error:
        raise UsageError(str(error)) from error
    if built["behaviours"].adapt and card.activation == "sigmoid":
        raise UsageError(
            f"behaviours.adapt is for behaviours that exclude each other; {card.name} tells each by itself"
        )
    out = Path(config.out) if config.out else default_out(list(config.source))
    own = (*(config[name] for name in (*_READERS, "held_out")), *_paths(config.audit))
    for given in filter(None, own):
        if Path(given).resolve().is_relative_to((out / "tables").resolve()):
            raise UsageError(
                f"{given} lies among the run's own tables, which are written anew; copy it elsewhere first"
            )
    built |= {name: read(Path(config[name])) if config[name] else None for name, read in _READERS.items()}
    built["habitats"] = read_habitats(Path(config.habitats)) if config.habitats else None
    told = built["individuals"], built["sessions"], built["observations"]
    check_columns(built["statistics"], built["sequences"], *told)
    clips = Path(config.held_out) if config.held_out else None
    rules = built["ethogram"], built["behaviours"], built["correction"]
    built["held_out_clips"] = read_held_out(clips, *rules) if clips else None
    built["audit"] = read_sheets(sheets, built["ethogram"]) if (sheets := _paths(config.audit)) else None
    settings: Any = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    built["compare"] = settled(comparisons(settings["compare"]), *told)
    settings["behaviours"]["thresholds"] = built["behaviours"].thresholds
    settings["miniscene"] |= {name: getattr(built["miniscene"], name) for name in ("margin", "enlarge")}
    return Plan(list(config.source), out, Parts(**built), settings, command)


def _check_tracks(built: dict[str, Any]) -> None:
    """``UsageError`` where detector and tracker could not give any track together."""
    detector, tracker = built["detector"], built["tracker"]
    if isinstance(tracker, ReplayTracker) and isinstance(detector, (NetworkDetector, MotionDetector)):
        raise UsageError("tracker=replay needs boxes that came with identities, as detector=replay and whole have them")
    known = waits(tracker, built["tracks"], built["visibility"])
    if give := longer(known, detector.period_s, slack=1.05):  # frames are seldom due to the moment
        raise UsageError(
            f"detector.period_s={detector.period_s:g}: between two looks every animal would count as lost; look more "
            f"often, or give {give}"
        )


def analysis_plan(config: DictConfig, command: str) -> AnalysisPlan:
    """What ``ethopipe analyze`` needs; ``UsageError`` for a setting that is missing or cannot be."""
    if OmegaConf.missing_keys(config) or not config.runs:
        raise UsageError("no value for runs; for example: ethopipe analyze runs/monday runs/tuesday")
    settings: Any = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    runs = _paths(settings["runs"])
    values: dict[str, Any] = {"runs": runs, "out": Path(config.out or default_out(list(map(str, runs)), study=True))}
    given = (*_READERS, "habitats", "held_out")
    values |= {name: Path(config[name]) if config[name] else None for name in given}
    values |= {"audit": _paths(settings["audit"])}
    values |= {name: build(config[name], SETTINGS[name]) for name in ("statistics", *FAMILIES, "report")}
    values |= {"compare": comparisons(settings["compare"])}
    try:
        return AnalysisPlan(**values, min_bout_s=config.min_bout_s, settings=settings, command=command)
    except ValueError as error:
        raise UsageError(str(error)) from error


def evaluation_plan(config: DictConfig) -> EvaluationPlan:
    """What ``ethopipe evaluate`` needs; ``UsageError`` for a setting that is missing or cannot be."""
    values: Any = OmegaConf.to_container(config, resolve=True)
    given: dict[str, Any] = {
        name: Path(config[name]) if config[name] else None for name in ("scores", "run", "truth", "tracks")
    }
    name = given["run"].resolve().name if given["run"] else (given["scores"] or given["tracks"] or Path()).stem
    name += "-boxes" if given["run"] and given["truth"] else ""
    given |= {"labels": _paths(config.labels), "old2new": renames(values["old2new"])}
    given |= {"out": Path(config.out or Path("evaluations") / name)}
    try:
        return EvaluationPlan(**{**values, **given})
    except ValueError as error:
        raise UsageError(str(error)) from error


def _paths(given: Any) -> tuple[Path, ...]:
    """One file or several."""
    return tuple(map(Path, [given] if isinstance(given, str) else given or []))


def agree_plan(config: DictConfig) -> AgreePlan:
    """What ``ethopipe agree`` needs; ``UsageError`` for a setting that cannot be."""
    values: Any = OmegaConf.to_container(config, resolve=True)
    coders = tuple(map(Path, config.coders))
    name = "_".join(name.replace("/", "-") for name in names_of(coders))
    own: dict[str, Any] = {"coders": coders, "out": Path(config.out or Path("agreements") / name)}
    own |= {"old2new": renames(values.pop("old2new")), "shift_s": tuple(values.pop("shift_s"))}
    own |= {key: values.pop(key) for key in ("set", "fps")}
    try:
        how = AgreementSettings(**{key: value for key, value in values.items() if key not in own})
        return AgreePlan(**own, how=how)
    except ValueError as error:
        raise UsageError(str(error)) from error


def audit_plan(config: DictConfig) -> AuditPlan:
    """What ``ethopipe audit`` needs; ``UsageError`` for a setting that is missing or cannot be."""
    if OmegaConf.missing_keys(config):
        raise UsageError("no value for run; for example: ethopipe audit runs/herd")
    values: Any = OmegaConf.to_container(config, resolve=True)
    run = Path(values.pop("run"))
    own = {name: values.pop(name) for name in ("set", "films")}
    out = Path(values.pop("out") or Path("audits") / run.resolve().name)
    try:
        return AuditPlan(run, out, **own, how=AuditSettings(**values))
    except ValueError as error:
        raise UsageError(str(error)) from error


def export_plan(config: DictConfig) -> ExportPlan:
    """What ``ethopipe export`` needs; ``UsageError`` for a setting that is missing or cannot be."""
    if OmegaConf.missing_keys(config):
        raise UsageError("no value for run; for example: ethopipe export runs/herd format=tidy")
    values: Any = OmegaConf.to_container(config, resolve=True)
    words = [config.format] if isinstance(config.format, str) else config.format or []
    try:
        run, kinds = Path(config.run), formats_of(words)
        out = Path(config.out or Path("exports") / f"{run.resolve().name}{_kinds(kinds)}")
        given = {"run": run, "out": out, "format": kinds, "more_behaviours": tuple(config.more_behaviours)}
        return ExportPlan(**{**values, **given})
    except ValueError as error:
        raise UsageError(str(error)) from error


def _kinds(formats: tuple[str, ...]) -> str:
    """What tells the folder of these formats from that of others; nothing for what is labelled with."""
    if set(formats) <= set(LABELS):
        return ""
    return f"-{formats[0]}" + (f"-and-{len(formats) - 1}-more" if len(formats) > 1 else "")


def training_plan(config: DictConfig) -> TrainingPlan:
    """Everything ``ethopipe train`` needs; ``UsageError`` for a setting that is missing or cannot be."""
    if missing := sorted(OmegaConf.missing_keys(config)):
        raise UsageError(f"no value for {', '.join(missing)}; for example: ethopipe train data=clips out=models/mine")
    settings: Any = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    settings |= {"old2new": renames(settings["old2new"])}
    groups = {name: build(config[name], target) for name, target in TRAINING.items()}
    groups |= {name: build(config[name]) for name in FITS}
    values = {key: value for key, value in settings.items() if key not in groups}
    values |= {"data": Path(config.data), "out": Path(config.out), "vocabulary": tuple(config.vocabulary)}
    values |= {"labels": _paths(config.labels), "classes": tuple(config.classes)}
    values |= {"scenes": Path(config.scenes) if config.scenes else None}
    try:
        return TrainingPlan(**values, **groups, settings=settings)
    except ValueError as error:
        raise UsageError(str(error)) from error


def detector_plan(config: DictConfig) -> DetectorPlan:
    """Everything ``ethopipe train detector=yolo`` needs; ``UsageError`` for a setting that is missing or cannot be."""
    if missing := sorted(OmegaConf.missing_keys(config)):
        raise UsageError(
            f"no value for {', '.join(missing)}; for example: ethopipe train detector=yolo data=footage out=models/mine"
        )
    settings: Any = OmegaConf.to_container(config, resolve=True, enum_to_str=True)
    parts = zip(("pictures", "fit"), DETECTOR_TRAINING.values(), strict=True)
    values = settings | {name: build(config[name], target) for name, target in parts}
    values |= {"data": _paths(config.data), "labels": Path(config.labels) if config.labels else None}
    values |= {"out": Path(config.out), "vocabulary": tuple(config.vocabulary)}
    try:
        return DetectorPlan(**values | {"recording": config.recording}, settings=settings)
    except ValueError as error:
        raise UsageError(str(error)) from error


def default_out(sources: Sequence[str], study: bool = False) -> Path:
    """``runs/<source name>``, of a study ``studies/<run's name>``; of several sources the first, and how many more.

    ``UsageError`` where a run of other sources is there: cards of one camera number their files alike.
    """
    folder, kind, record = ("studies", "study", STUDY) if study else ("runs", "run", "run.json")
    first = Path(sources[0]).resolve().name.replace("*", "_").replace("?", "_") or "run"
    more = f"_and_{len(sources) - 1}_more" if len(sources) > 1 else ""
    out = Path(folder) / (first + more)
    told = read_object(out / record)
    before = told.get("settings", {}).get("source", list(sources))
    if before != list(sources) and told.get("runs") != [str(Path(source).absolute()) for source in sources]:
        raise UsageError(
            f"{out} holds the {kind} of {', '.join(before)}; give this one a folder of its own: out=FOLDER"
        )
    return out
