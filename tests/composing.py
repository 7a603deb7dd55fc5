"""Settings composed once for each verb and its choices, which takes Hydra half a second: tests compose hundreds.

Values do not decide what is composed, so they are set upon a copy, by Hydra's own function. ``test_config.py`` composes
as users do, and ``test_composing.py`` shows that both give the same.
"""

import copy
from collections.abc import Sequence
from functools import cache

import hydra
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

from pipeline.config import config_folder


def composed(verb: str, words: Sequence[str]) -> DictConfig:
    """What ``hydra.compose`` gives."""
    choices = tuple(word for word in words if (config_folder() / word.partition("=")[0].lstrip("+~")).is_dir())
    config = copy.deepcopy(_chosen(verb, choices))
    values = OverridesParser.create().parse_overrides([word for word in words if word not in choices])
    ConfigLoaderImpl._apply_overrides_to_config(values, config)
    return config


@cache
def _chosen(verb: str, choices: tuple[str, ...]) -> DictConfig:
    return hydra.compose(verb, list(choices))
