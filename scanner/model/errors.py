"""Errors of the user's own making: they end the run with exit code 2 and say what to do."""

from scanner.model.source import Position


class UsageError(Exception):
    """A wrong argument or configuration. The message is one or two sentences for the user."""


class PolicyError(UsageError):
    """A policy that cannot be used; `where` is `file:line:column` or the file alone, `at` the line and column. `more` are further
    mistakes that do not follow from this one: who repairs a policy wants to see them all."""

    def __init__(
        self, where: str, message: str, at: Position | None = None, more: "tuple[PolicyError, ...]" = ()
    ) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where
        self.at = at
        self.more = more

    @property
    def file(self) -> str:
        """The name of the policy."""
        return self.where if self.at is None else self.where.removesuffix(f":{self.at.line}:{self.at.column}")

    @property
    def every(self) -> "tuple[PolicyError, ...]":
        """This one and all further ones."""
        return self, *self.more
