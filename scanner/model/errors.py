"""Errors of the user's own making: they end the run with exit code 2 and say what to do."""


class UsageError(Exception):
    """A wrong argument or configuration. The message is one or two sentences for the user."""


class PolicyError(UsageError):
    """A policy that cannot be used; `where` is `file:line:column` or the file alone."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where
