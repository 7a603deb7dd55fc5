"""The settings' schema: what a config may hold, read off the signatures of what it configures.

A group with rivals (detector, tracker, recognizer) names its class in ``_target_``; the other groups are plain typed
settings. Values and their comments live in ``configs/``; types and checks live in the classes. Only this file,
``schemas.py``, ``build.py``, ``plan.py`` and ``cli.py`` know Hydra.
"""

import dataclasses
import inspect
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException, OverrideParseException
from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pipeline.errors import UsageError
from pipeline.model_folder import packaged
from pipeline.overrides import quoted
from pipeline.schemas import SCHEMAS, TYPED, RuntimeSchema

RIVALS = {
    "detector": {
        "yolo": "pipeline.detectors.yolo.YoloDetector",
        "embedded": "pipeline.detectors.yolo.YoloDetector",
        "torchvision": "pipeline.detectors.torchvision.TorchvisionDetector",
        "motion": "pipeline.detectors.motion.MotionDetector",
        "whole": "pipeline.detectors.whole.WholeDetector",
        "replay": "pipeline.detectors.replay.ReplayDetector",
    },
    "tracker": {
        "sort": "pipeline.trackers.association.SortTracker",
        "bytetrack": "pipeline.trackers.association.ByteTrackTracker",
        "ocsort": "pipeline.trackers.association.OcSortTracker",
        "botsort": "pipeline.trackers.association.BotSortTracker",
        "replay": "pipeline.trackers.replay.ReplayTracker",
    },
    "recognizer": {
        "kinematic": "pipeline.recognizers.kinematic.KinematicRecognizer",
        "embedded": "pipeline.recognizers.embedded.EmbeddedRecognizer",
        "transformers": "pipeline.recognizers.transformers.TransformersRecognizer",
        "torchvision": "pipeline.recognizers.torchvision.TorchvisionRecognizer",
        "x3d": "pipeline.recognizers.x3d.X3DRecognizer",
        "replay": "pipeline.recognizers.replay.ReplayRecognizer",
    },
}

FITS = {  # of ethopipe train: ways to fit a network
    "fit": {
        "new": "pipeline.training.settings.FitSettings",
        "full": "pipeline.training.settings.FitSettings",
        "last": "pipeline.training.settings.FitSettings",
        "probe": "pipeline.training.probe.ProbeSettings",
        "prototypes": "pipeline.training.prototypes.PrototypeSettings",
    },
}

SETTINGS = {
    "camera": "pipeline.camera.CameraSettings",
    "tracks": "pipeline.tracks.follow.TrackSettings",
    "ground": "pipeline.ground.settings.GroundSettings",
    "miniscene": "pipeline.miniscenes.MiniSceneSettings",
    "window": "pipeline.windows.WindowSettings",
    "ethogram": "pipeline.ethology.ethogram.EthogramSettings",
    "visibility": "pipeline.ethology.visibility.VisibilitySettings",
    "behaviours": "pipeline.ethology.behaviours.BehaviourSettings",
    "naming": "pipeline.ethology.naming.NamingSettings",
    "statistics": "pipeline.ethology.statistics.StatisticsSettings",
    "bouts": "pipeline.ethology.durations.settings.BoutSettings",
    "sequences": "pipeline.ethology.sequences.settings.SequenceSettings",
    "observers": "pipeline.ethology.observers.settings.ObserverSettings",
    "design": "pipeline.ethology.observers.settings.DesignSettings",
    "society": "pipeline.ethology.society.settings.SocietySettings",
    "contrasts": "pipeline.ethology.contrasts.settings.ContrastSettings",
    "correction": "pipeline.ethology.correction.settings.CorrectionSettings",
    "report": "pipeline.report.settings.ReportSettings",
}

SCENE = {"scene": "pipeline.simulate.settings.Scene"}  # of the verbs that film: simulate and demo

TRAINING = {  # of ethopipe train
    "miniscene": SETTINGS["miniscene"],
    "network": "pipeline.training.settings.NetworkSettings",
    "augmentation": "pipeline.training.augment.AugmentationSettings",
    "split": "pipeline.training.split.SplitSettings",
    "about": "pipeline.training.settings.About",
}

DETECTOR_TRAINING = {  # of ethopipe train detector=yolo: pictures and fit
    "pictures": "pipeline.training.pyramid.PictureSettings",
    "yolo_fit": "pipeline.training.yolo_fit.YoloFit",
}


def located(target: str) -> Any:
    """The object a dotted name names."""
    module, _, name = target.rpartition(".")
    return getattr(import_module(module), name)


@cache
def schema_of(target: str, named: bool) -> type:
    """A dataclass with the fields of the target's constructor; ``named`` adds ``_target_``.

    A parameter without a default becomes a value that the YAML has to give.
    """
    made = located(target)
    hints = get_type_hints(made.__init__) if not dataclasses.is_dataclass(made) else get_type_hints(made)
    fields: list[Any] = [("_target_", str, dataclasses.field(default=target))] if named else []
    for parameter in inspect.signature(made).parameters.values():
        kind = _thawed(hints[parameter.name])
        fields.append((parameter.name, kind, dataclasses.field(default=MISSING)))
    return dataclasses.make_dataclass(made.__name__, fields)


def _thawed(kind: Any) -> Any:
    """A type as Hydra takes it: frozen dataclasses inside lists become changeable ones."""
    if dataclasses.is_dataclass(kind):
        fields = [(f.name, f.type, dataclasses.field(default=_default(f))) for f in dataclasses.fields(kind)]
        return dataclasses.make_dataclass(kind.__name__, fields)  # type: ignore[union-attr]
    if getattr(kind, "__origin__", None) is list:
        return list[_thawed(kind.__args__[0])]  # type: ignore[misc]
    return kind


def _default(field: "dataclasses.Field[Any]") -> Any:
    return MISSING if field.default is dataclasses.MISSING else field.default


def config_folder() -> Path:
    """``configs/``: inside the package in a wheel, beside it in a clone or an editable install."""
    return packaged("configs", "run.yaml")


@cache
def register(verb: str) -> None:
    """Tell Hydra the schemas of a verb, once; of others what they configure need not be loaded."""
    store = ConfigStore.instance()
    for name, schema in SCHEMAS.items():
        if issubclass(SCHEMAS[verb], schema):  # a demo is a run
            store.store(group="schema", name=name, node=schema)
    store.store(group="schema", name="runtime", node=RuntimeSchema)
    for group, rivals in _rivals(verb).items():
        for name, target in rivals.items():
            store.store(group=f"schema/{group}", name=name, node=schema_of(target, named=True))
    for group, target in _plain(verb).items():
        store.store(group="schema", name=group, node=schema_of(target, named=False))


def _rivals(verb: str) -> dict[str, dict[str, str]]:
    """What a verb's settings can choose from: names and targets by group."""
    return {group: rivals for group, rivals in (RIVALS | FITS).items() if group in _fields(verb)}


def _plain(verb: str) -> dict[str, str]:
    """The targets of a verb's groups without rivals."""
    if verb == "train_detector":
        return DETECTOR_TRAINING
    return {group: target for group, target in (SETTINGS | SCENE | TRAINING).items() if group in _fields(verb)}


def _fields(verb: str) -> set[str]:
    return {field.name for field in dataclasses.fields(SCHEMAS[verb])}


def compose(verb: str, overrides: list[str]) -> DictConfig:
    """The composed settings of a verb; ``UsageError`` with one line where an override does not fit."""
    register(verb)
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(config_folder()), version_base="1.3"):
            own = [word for word in overrides if word.partition("=")[0] in own_settings(verb)]
            config = hydra_compose(verb, _opened(verb, [word for word in overrides if word not in own]) + _of_users())
            for one in OverridesParser.create().parse_overrides(own):
                OmegaConf.update(config, one.key_or_group, one.value())
        OmegaConf.to_container(config, resolve=True)  # a reference to nothing shows here
    except OverrideParseException as error:
        raise UsageError(
            f"cannot read {error.override} as a setting; a value with umlauts, quotes or brackets goes in two pairs of "
            "quotes: \"key='value'\""
        ) from error
    except FileNotFoundError as error:  # Hydra asks for it
        raise UsageError("the current folder is no longer there; change to another one") from error
    except (HydraException, OmegaConfBaseException) as error:
        raise UsageError(one_line(error)) from error
    if unknown := sorted({str(key) for key in config} - _fields(verb)):
        raise UsageError(f"no setting named {', '.join(unknown)}; see ethopipe {TYPED.get(verb, verb)} --help")
    return config


def _of_users() -> list[str]:
    """Where Hydra looks after our own: ``configs/`` in the user's folder, where there is one."""
    folder = Path("configs").resolve()
    return [f"hydra.searchpath=[{quoted(f'file://{folder}')}]"] if folder.is_dir() and folder != config_folder() else []


def own_settings(verb: str) -> set[str]:
    """Plain settings of the verb that bear a group's name: Hydra would look for a choice of the group."""
    plain = {field.name for field in dataclasses.fields(SCHEMAS[verb]) if field.type == str | None}
    return {name for name in plain if (config_folder() / name).is_dir()}


def _opened(verb: str, overrides: list[str]) -> list[str]:
    """Settings that are dictionaries take new keys, for which Hydra wants a ``+``; everything else stays closed."""
    groups = [(group, target) for group, rivals in _rivals(verb).items() for target in rivals.values()]
    groups += _plain(verb).items()
    schemas = [("", SCHEMAS[verb]), *((f"{group}.", schema_of(target, named=False)) for group, target in groups)]
    dictionaries = {
        f"{prefix}{field.name}"
        for prefix, schema in schemas
        for field in dataclasses.fields(schema)
        if getattr(field.type, "__origin__", None) is dict
    }
    return [f"+{word}" if "={" in word and word.partition("=")[0] in dictionaries else word for word in overrides]


def one_line(error: BaseException) -> str:
    """What went wrong, from the root cause, on one line."""
    parts: list[str] = []
    step: BaseException | None = error
    while step is not None:
        text = re.sub(r" ?To append to your config use \S+", "", " ".join(str(step).split()))
        if text and not any(text in known for known in parts):
            parts.append(text)
        step = step.__cause__
    return "; ".join(parts) or type(error).__name__
