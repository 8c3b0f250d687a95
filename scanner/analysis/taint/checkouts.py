"""Whether a checkout that names the branch of a pull request can bring what an outsider wrote."""

import re
from typing import Final

from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Step

_BRANCH: Final = re.compile(r"\bhead[._]?(?:ref|branch)(?:_?name)?\b", re.I)
_COMMIT: Final = re.compile(r"sha\b|commit|refs/pull|number|merge", re.I)


def takes_own_branch(step: Step) -> bool:
    """Whether a checkout takes the branch of this repository that bears the name of a pull request's branch.

    A name without `repository:` is looked up here, where an outsider cannot push; a commit is found here, too, because the
    commits of a fork are reachable through `refs/pull/…` (actions/checkout, README).
    """
    call = step.call
    if call is None or not isinstance(call.target, RepositoryUse) or call.target.slug != "actions/checkout":
        return False
    ref, repository = call.inputs.get("ref"), call.inputs.get("repository")
    if ref is None or (repository is not None and not _is_here(repository.value)):
        return False
    return _BRANCH.search(ref.value) is not None and _COMMIT.search(ref.value) is None


def _is_here(repository: str) -> bool:
    return repository.replace(" ", "") in ("", "${{github.repository}}")
