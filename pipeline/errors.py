"""Every error a user can meet. The command prints its one line and exits with 1.

::

    EthopipeError
    |-- UsageError       what was asked for cannot be: a setting, a name, a path
    |   `-- MissingPart  a package, a weight file or a download that is not here
    |-- VideoError       a video cannot be opened, or holds no frame
    |-- TableError       a table or a label file is not what its format says
    |-- ModelError       a model's files do not fit together, or do not fit the ethogram
    `-- StorageError     the output cannot be written: read-only, or the disk is full
"""


class EthopipeError(Exception):
    """Base of all errors that are not bugs: one line that says the value, the rule and what to do."""


class UsageError(EthopipeError):
    """What was asked for cannot be done as written."""


class MissingPart(UsageError):  # noqa: N818 - a part, not an error of the code
    """Something to install or to download is not here."""


class VideoError(EthopipeError):
    """A video cannot be read at all."""


class TableError(EthopipeError):
    """A table's columns, types or values break its declaration."""


class ModelError(EthopipeError):
    """A model folder or checkpoint cannot be used as asked."""


class StorageError(EthopipeError):
    """The output folder cannot take what has to be written."""
