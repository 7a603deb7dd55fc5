"""Model folders from the Hugging Face hub: the local cache first, then one download; offline an error at once."""

from pathlib import Path

from pipeline.catalogue import catalogue
from pipeline.errors import MissingPart, ModelError
from pipeline.recognizers.folder import models_folder

_FILES = ["config.json", "*preprocessor_config.json", "processor_config.json", "card.yaml", "*.safetensors"]
_ANSWER_S = 10.0  # how long the hub may take to answer; without a network the error comes at once


def fetch(model: str, revision: str | None) -> Path:
    """The folder of a hub model, downloaded where it is not in the cache.

    ``MissingPart`` where it cannot be fetched now, ``ModelError`` where the hub has no such model or it is all pickles.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError

    if model in catalogue():
        raise MissingPart(f"model {model} is not here yet; get it with: ethopipe models fetch {model}")
    try:
        cached = Path(snapshot_download(model, revision=revision, allow_patterns=_FILES, local_files_only=True))
        if any(cached.glob("*.safetensors")):
            return cached
    except LocalEntryNotFoundError:
        pass
    except HFValidationError:
        raise MissingPart(f"no model folder {model}, and none of that name in {models_folder()}") from None
    try:
        files = HfApi().model_info(model, revision=revision, timeout=_ANSWER_S).siblings or []
    except RepositoryNotFoundError as error:
        raise ModelError(f"model {model} is neither a folder nor on the Hugging Face hub") from error
    except Exception as error:  # the hub's client raises whatever its transport does
        raise _unreachable(model, error) from error
    if not any(file.rfilename.endswith(".safetensors") for file in files):
        raise ModelError(f"model {model} is published as pickled weights only: convert it to safetensors")
    return _downloaded(model, revision)


def _downloaded(model: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=_FILES))
    except Exception as error:  # as above: a broken connection has many names
        raise _unreachable(model, error) from error


def _unreachable(model: str, error: Exception) -> MissingPart:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return MissingPart(
        f"model {model} is no folder here, not in {models_folder()}, not in the Hugging Face cache, and cannot be "
        f"fetched ({reason}); where there is a network run: hf download {model} --local-dir FOLDER, "
        "then recognizer.model=FOLDER"
    )
