"""The command: ``ethopipe VERB [SOURCE ...] [key=value ...]``."""

import logging
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pipeline
from pipeline.errors import EthopipeError, UsageError
from pipeline.memory import steady
from pipeline.overrides import parse, quoted

HELP = """\
ethopipe: animal-behaviour video in, time budgets, transitions and ethograms out

  ethopipe demo                    the whole chain on a scene that it films itself; nothing is downloaded
  ethopipe run SOURCE [key=value]  the chain on your footage
  ethopipe simulate                a rendered savanna, and everything that is true of it
  ethopipe train data=F out=F      a recognizer of your own from labelled clips
  ethopipe train detector=yolo data=F out=F   a detector of your own from labelled boxes
  ethopipe evaluate scores=F       how good scores of labelled clips are; or a run: run=F labels=F, run=F truth=F
  ethopipe models                  the models that are here or can be fetched: list, show, verify, fetch
  ethopipe export RUN format=NAME  what a run found, for other programs (tables, BORIS, CVAT ...); or to be labelled
  ethopipe doctor                  versions, device, decoders, and what is missing

  ethopipe VERB --help             what a verb takes
  ethopipe --version
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 all done, 1 an error of the user's, 2 some videos failed."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _verb(words)
    except EthopipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; run the same command again to continue where it was", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1


def _verb(words: list[str]) -> int:
    verb = words[0] if words else "--help"
    if verb in {"-h", "--help", "help"}:
        print(HELP, end="")
        return 0
    if verb == "--version":
        print(f"ethopipe {pipeline.__version__}")
        return 0
    verbs = {
        "run": _run,
        "demo": _demo,
        "simulate": _simulate,
        "train": _train,
        "evaluate": _evaluate,
        "models": _models,
        "export": _export,
        "doctor": _doctor,
    }
    if verb not in verbs:
        raise UsageError(f"no verb {verb!r}; there are {', '.join(verbs)} (see ethopipe --help)")
    if {"-h", "--help"} & set(words[1:]):
        print(_help(_form(verb, words[1:])), end="")
        return 0
    logging.captureWarnings(True)
    steady()
    return verbs[verb](words[1:])


def _run(words: list[str]) -> int:
    from pipeline.config import compose

    sources, overrides, flags = parse(words)
    if sources:
        overrides.append(f"source=[{','.join(map(quoted, sources))}]")
    config = compose("run", overrides)
    if _printed(config, flags):
        return 0
    from pipeline.chain.progress import Progress
    from pipeline.chain.run import run
    from pipeline.plan import plan

    return run(plan(config, command("run", words)), Progress())


def _demo(words: list[str]) -> int:
    from pipeline.build import build
    from pipeline.chain.progress import Progress
    from pipeline.config import SCENE, compose
    from pipeline.demo import demo
    from pipeline.plan import plan

    config = compose("demo", _settings("demo", words))
    scene, folder = build(config.scene, SCENE["scene"]), Path(config.out)
    config.source, config.out = [str(folder / f"{scene.name}.mp4")], str(folder / "run")
    return demo(plan(config, command("demo", words)), scene, config.seed, folder, Progress())


def _simulate(words: list[str]) -> int:
    from pipeline.build import build
    from pipeline.chain.progress import Progress
    from pipeline.config import SCENE, compose
    from pipeline.demo import simulate

    config = compose("simulate", _settings("simulate", words))
    scene = build(config.scene, SCENE["scene"])
    out = Path(config.out or f"simulated/{scene.name}_{config.seed}")
    progress = Progress()
    progress.say(f"video    {simulate(scene, config.seed, out, progress)}")
    progress.say(f"truth    {out / 'truth'}")
    return 0


def _train(words: list[str]) -> int:
    if (config := _composed("train", words, "its labels as data=FOLDER")) is None:
        return 0
    from pipeline.chain.progress import Progress

    if _form("train", words) == "train":
        from pipeline.plan import training_plan
        from pipeline.training.train import train

        train(training_plan(config), Progress())
    else:
        from pipeline.plan import detector_plan
        from pipeline.training.train_detector import train_detector

        train_detector(detector_plan(config), Progress())
    return 0


def _form(verb: str, words: list[str]) -> str:
    """The config of a verb: ``train`` has one for recognizers and, where ``detector=`` is given, one for detectors."""
    kinds = [word.partition("=")[2] for word in words if word.startswith("detector=")]
    if verb != "train" or not kinds:
        return verb
    if kinds[-1] != "yolo":
        raise UsageError(
            f"detector={kinds[-1]} cannot be trained; detector=yolo can (the embedded one goes on with "
            "detector=yolo init=savanna_yolo)"
        )
    return "train_detector"


def _evaluate(words: list[str]) -> int:
    if (config := _composed("evaluate", words, "its scores as scores=FILE")) is None:
        return 0
    from pipeline.chain.progress import Progress
    from pipeline.evaluation.evaluate import evaluate
    from pipeline.plan import evaluation_plan

    evaluate(evaluation_plan(config), Progress())
    return 0


def _export(words: list[str]) -> int:
    if (config := _composed("export", words, "one run's folder", takes_one="run")) is None:
        return 0
    from pipeline.chain.progress import Progress
    from pipeline.export.export import export
    from pipeline.plan import export_plan

    export(export_plan(config), Progress())
    return 0


def _composed(verb: str, words: list[str], takes: str, takes_one: str = "") -> Any:
    """The settings of a verb; None where they were asked for, and are printed.

    ``takes_one`` is the setting that a word without a name is for; without it there is no such word.
    """
    from pipeline.config import compose

    sources, overrides, flags = parse(words)
    if takes_one and len(sources) == 1 and not [word for word in overrides if word.startswith(f"{takes_one}=")]:
        overrides.append(f"{takes_one}={quoted(sources.pop())}")
    if sources:
        raise UsageError(f"ethopipe {verb} takes {takes}, got {' and '.join(map(repr, sources))}")
    config = compose(_form(verb, words), overrides)
    return None if _printed(config, flags) else config


def _printed(config: Any, flags: set[str]) -> bool:
    """Print all settings where ``--cfg`` asks for them; were they?"""
    if "--cfg" not in flags:
        return False
    from omegaconf import OmegaConf

    print(OmegaConf.to_yaml(config), end="")
    return True


def _settings(verb: str, words: list[str]) -> list[str]:
    """The settings of a verb that takes no source."""
    sources, overrides, _ = parse(words)
    if sources:
        raise UsageError(f"ethopipe {verb} films its own scene, got {sources[0]!r}; for footage: ethopipe run SOURCE")
    return overrides


def command(verb: str, words: list[str]) -> str:
    """The command as it could be typed again."""
    return shlex.join(["ethopipe", verb, *words])


def _doctor(words: list[str]) -> int:
    from pipeline.doctor import report

    for line in report():
        print(line)
    return 0


def _models(words: list[str]) -> int:
    from pipeline.shelf.command import answer

    for line in answer(words):
        print(line)
    return 0


def _help(verb: str) -> str:
    """What ``ethopipe VERB --help`` prints."""
    if verb == "doctor":
        return "ethopipe doctor\n\nSays versions, device, decoders, and what is missing and how to get it.\n"
    if verb == "models":
        from pipeline.shelf.command import HELP as MODELS

        return MODELS
    from pipeline.help import help_text

    return help_text(verb)


if __name__ == "__main__":
    sys.exit(main())
