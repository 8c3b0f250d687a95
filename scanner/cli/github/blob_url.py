"""Where the scanned commit can be read, for the links of a report that a run of GitHub Actions writes."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from scanner.adapters.git import Git
from scanner.model.commit import is_commit

_SERVER: Final = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


def blob_url(environment: Mapping[str, str], folder: Path, git: Git) -> str | None:
    """`https://github.com/OWNER/NAME/blob/COMMIT/`; None outside of Actions, and where the folder is no checkout of the commit that the run
    is of: another repository's files would be looked for in this one. The variables are those of
    https://docs.github.com/en/actions/reference/workflows-and-actions/variables."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return None
    server = environment.get("GITHUB_SERVER_URL", "").rstrip("/")
    repository, commit = environment.get("GITHUB_REPOSITORY", ""), environment.get("GITHUB_SHA", "")
    if not (_SERVER.fullmatch(server) and _REPOSITORY.fullmatch(repository) and is_commit(commit)):
        return None
    if git.toplevel(folder) is None or git.commit(folder, "HEAD") != commit:
        return None
    return f"{server}/{repository}/blob/{commit}/"
