"""The errors a user can cause. Each message is one sentence that names the culprit and says what to do."""


class InputError(ValueError):
    """Something the user supplied cannot be used; the command line prints it and exits with code 2."""


class MissingExtra(ImportError):
    """An optional package is not installed.

    Parameters
    ----------
    package : name of the package that is missing.
    extra : the extra of srlab that brings it.
    purpose : what it is needed for, as the end of the sentence "... is needed to".
    """

    def __init__(self, package: str, extra: str, purpose: str):
        super().__init__(f"{package} is needed to {purpose}: pip install 'srlab[{extra}]'")
