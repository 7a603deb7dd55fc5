"""From settings to objects: the one place where a ``_target_`` becomes an instance."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, get_type_hints

from omegaconf import DictConfig, OmegaConf

from pipeline.config import located, one_line
from pipeline.errors import EthopipeError, UsageError


def build(settings: DictConfig | dict[str, Any], target: str = "", plugins: Sequence[str] = ()) -> Any:
    """Make what ``_target_`` (or ``target``) names from the other settings.

    Only classes under ``pipeline`` and under the packages named in ``plugins`` are allowed. ``UsageError`` gives the
    class, the rule and the value on one line.
    """
    values = OmegaConf.to_container(settings, resolve=True) if isinstance(settings, DictConfig) else dict(settings)
    plain = {str(key): value for key, value in dict(values).items()}  # type: ignore[arg-type]
    target = str(plain.pop("_target_", target))
    if target.split(".")[0] not in {"pipeline", *plugins}:
        raise UsageError(f"_target_={target} is not under pipeline; name its package in plugins=[...] if you trust it")
    try:
        made = located(target)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"_target_={target} cannot be found: {one_line(error)}") from error
    try:
        return _made(made, plain)
    except EthopipeError:
        raise
    except (TypeError, ValueError, OSError) as error:
        raise UsageError(f"cannot build {target}: {one_line(error)}") from error


def _made(made: Any, values: dict[str, Any]) -> Any:
    """An instance; lists of plain settings become lists of the dataclass the field names."""
    hints = get_type_hints(made) if dataclasses.is_dataclass(made) else {}
    for name, value in values.items():
        inner = getattr(hints.get(name), "__args__", (None,))[0]
        if isinstance(value, list) and dataclasses.is_dataclass(inner):
            values[name] = [_made(inner, dict(item)) for item in value]
    result = made(**values)  # first, so that it can state its own rule
    for name, value in values.items():
        _check_finite(name, value)
    return result


def _check_finite(name: str, value: Any) -> None:
    """No setting can be infinite or no number: comparisons would let nan through, and nothing could count in it."""
    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, float) and not math.isfinite(number):
            raise ValueError(f"{name} must be a finite number, got {number}")
