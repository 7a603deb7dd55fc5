"""Whether a training goes on: the folder is new, or holds the same training with the same labels."""

from pathlib import Path
from typing import Any

from pipeline.artifacts import read_object, write_json
from pipeline.errors import UsageError
from pipeline.recognizers.folder import CARD

SETTINGS = "settings.json"
# what may differ when a training goes on
_FREE = ("data", "labels", "scenes", "check_leaks", "out", "device", "threads", "workers", "max_minutes")


def check_out(out: Path, working: Path, settings: dict[str, Any], digest: str) -> None:
    """``UsageError`` where ``out`` holds another model or training; settings of a new one are written down.

    ``digest`` is the same for the same labels.
    """
    path = working / SETTINGS
    now = _flat({key: value for key, value in settings.items() if key not in _FREE})
    now["clips_sha256"] = digest
    before = read_object(path)
    if not before and (out / CARD).is_file():
        raise UsageError(f"{out} holds a model that was not trained there; give out=ANOTHER_FOLDER")
    if before and before != now:
        changed = ", ".join(sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key)))
        raise UsageError(f"{out} holds a training with other settings ({changed}); give out=ANOTHER_FOLDER")
    if not before:
        write_json(path, now)


def forget(working: Path) -> None:
    """Nothing was learnt yet, and the same folder may be tried with other settings."""
    (working / SETTINGS).unlink(missing_ok=True)


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """``{"fit": {"steps": 1}}`` as ``{"fit.steps": 1}``."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
