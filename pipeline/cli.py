"""The command: ``ethopipe VERB [SOURCE ...] [key=value ...]``."""

import atexit
import errno
import gc
import logging
import os
import sys
from collections.abc import Sequence

import pipeline
from pipeline.errors import EthopipeError, UsageError
from pipeline.memory import steady
from pipeline.verbs import VERBS, form

HELP = """\
ethopipe: animal-behaviour video in, time budgets, transitions and ethograms out

  ethopipe demo                    the whole chain on a scene that it films itself; nothing is downloaded
  ethopipe run SOURCE [key=value]  the chain on your footage
  ethopipe simulate                a rendered savanna, and everything that is true of it
  ethopipe train data=F out=F      a recognizer of your own from labelled clips
  ethopipe train detector=yolo data=F out=F   a detector of your own from labelled boxes
  ethopipe evaluate scores=F       how good scores of labelled clips are; or a run: run=F labels=F, run=F truth=F
  ethopipe analyze RUN [RUN ...]   runs merged into a study: tables, figures and a report, no video is read
  ethopipe agree A B               how far two observers, or an observer and a run, agree
  ethopipe audit RUN               how right a run is: moments of it to be judged by eye, blindly
  ethopipe models                  the models that are here or can be fetched: list, show, verify, fetch
  ethopipe export RUN format=NAME  what a run found, for other programs (tables, BORIS, CVAT ...); or to be labelled
  ethopipe doctor                  versions, device, decoders, and what is missing

  ethopipe VERB --help             what a verb takes
  ethopipe --version
"""

_CLOSED = {errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.EIO}  # what a file of the user's may be


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code: 0 all done, 1 an error of the user's, 2 some videos failed or broke off."""
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
    except RuntimeError as error:
        if not str(error).startswith("Symlink loop"):  # as pathlib says it
            raise
        print(f"error: {error}: a link that leads to itself", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in _CLOSED or not error.filename:
            raise
        print(f"error: cannot open {error.filename}: {error.strerror}", file=sys.stderr)
        return 1


def _verb(words: list[str]) -> int:
    verb = words[0] if words else "--help"
    if verb in {"-h", "--help", "help"}:
        print(HELP, end="")
        return 0
    if verb == "--version":
        print(f"ethopipe {pipeline.__version__}")
        return 0
    if verb not in VERBS:
        raise UsageError(f"no verb {verb!r}; there are {', '.join(VERBS)} (see ethopipe --help)")
    if {"-h", "--help"} & set(words[1:]):
        print(_help(form(verb, words[1:])), end="")
        return 0
    logging.captureWarnings(True)
    steady()
    atexit.register(gc.freeze)  # at the end nobody need look through all that torch made: half a second instead of two
    # before numpy is there: of matrices as small as those here its threads only wait for each other
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return VERBS[verb](words[1:])


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
