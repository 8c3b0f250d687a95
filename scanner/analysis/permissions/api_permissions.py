"""Which permissions calls of GitHub's API take: by `gh`, by `curl`, by the client that `actions/github-script` hands to its script.

Sources: GitHub's "Permissions required for GitHub Apps", the manual of `gh`, the endpoints of octokit.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

ALL: Final = "*"
"""In `may`: nothing can be said about any scope."""


class Use(NamedTuple):
    """`needs` maps scopes to `read` or `write`; `may` are scopes that may be needed as well, `ALL` when it is not known."""

    needs: dict[str, str]
    may: tuple[str, ...] = ()


NOTHING: Final = Use({})
UNKNOWN: Final = Use({}, (ALL,))


def _use(text: str) -> Use:
    """`pull-requests:write contents?` as needs and may."""
    needs: dict[str, str] = {}
    may: list[str] = []
    for word in text.split():
        scope, colon, level = word.partition(":")
        if colon:
            needs[scope] = level
        else:
            may.append(word.removesuffix("?"))
    return Use(needs, tuple(may))


@cache
def _commands() -> dict[tuple[str, str], Use]:
    return {
        (group, verb): _use(use)
        for group, verbs, use in (
            ("pr", "create", "pull-requests:write contents:read contents? issues?"),
            ("pr", "merge update-branch revert", "pull-requests:write contents:write"),
            ("pr", "edit comment review reopen ready lock unlock", "pull-requests:write issues? contents?"),
            ("pr", "close", "pull-requests:write contents? issues?"),
            (
                "pr",
                "list view status diff checkout",
                "pull-requests:read contents? checks? statuses? issues?",
            ),
            ("pr", "checks", "pull-requests:read checks:read statuses? actions?"),
            (
                "issue",
                "create comment edit close reopen delete lock unlock pin unpin transfer",
                "issues:write",
            ),
            ("issue", "develop", "issues:write contents:write"),
            ("issue", "list view status", "issues:read"),
            ("label", "create edit delete clone", "issues:write pull-requests?"),
            ("label", "list", "issues:read"),
            ("release", "create upload edit delete delete-asset", "contents:write discussions?"),
            ("release", "list view download verify verify-asset", "contents:read"),
            ("run", "list view watch download", "actions:read checks?"),
            ("run", "cancel delete rerun", "actions:write"),
            ("workflow", "run enable disable", "actions:write"),
            ("workflow", "list view", "actions:read"),
            ("cache", "delete", "actions:write"),
            ("cache", "list", "actions:read"),
            ("repo", "view list clone", "contents:read"),
            ("attestation", "verify download trusted-root", "attestations:read"),
            ("auth", "status login setup-git", ""),
        )
        for verb in verbs.split()
    }


_GH_WITHOUT: Final = frozenset(
    "search browse status version help completion config alias --version --help".split()
)

# The part of a path below `repos/OWNER/NAME`, with what reading and writing take.
_PATHS: Final = {
    "pulls": ("pull-requests:read", "pull-requests:write"),
    "issues": ("issues:read pull-requests?", "issues? pull-requests?"),
    "labels": ("issues:read pull-requests?", "issues:write"),
    "milestones": ("issues:read", "issues:write"),
    "releases": ("contents:read", "contents:write"),
    "git": ("contents:read", "contents:write"),
    "contents": ("contents:read", "contents:write"),
    "commits": ("contents:read checks? statuses? pull-requests?", "contents:write"),
    "branches": ("contents:read", ALL),
    "merges": ("contents:read", "contents:write"),
    "compare": ("contents:read", ALL),
    "tags": ("contents:read", ALL),
    "tarball": ("contents:read", ALL),
    "zipball": ("contents:read", ALL),
    "statuses": ("statuses:read", "statuses:write"),
    "check-runs": ("checks:read", "checks:write"),
    "check-suites": ("checks:read", "checks:write"),
    "actions": ("actions:read", "actions:write"),
    "deployments": ("deployments:read", "deployments:write"),
    "pages": ("pages:read", "pages:write"),
    "code-scanning": ("security-events:read", "security-events:write"),
    "attestations": ("attestations:read", "attestations:write"),
    "dispatches": ("contents:read", "contents:write"),
    "collaborators": ("", ALL),
    "contributors": ("", ALL),
    "languages": ("", ALL),
    "topics": ("", ALL),
}

_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"))


class _Syntax(NamedTuple):
    """The options of a program that sends requests. `short` are the letters that take a value, `long` such options in full;
    `means` the method that an option brings along, `method` those whose value it is. With one of `more` nothing can be told."""

    short: str
    long: frozenset[str]
    means: dict[str, str]
    method: frozenset[str]
    more: frozenset[str] = frozenset()


@cache
def _syntax(program: str) -> _Syntax:
    """Sources: the manuals of `gh api`, curl 8 and wget 1.24."""
    match program:
        case "curl":
            return _Syntax(
                "AbcCdDeEFHKmoPQrtTuUwxXyYz",
                frozenset(
                    "--request --data --data-raw --data-binary --data-ascii --data-urlencode --json --form --form-string "
                    "--upload-file --header --output --output-dir --user --user-agent --oauth2-bearer --write-out --retry "
                    "--retry-delay --retry-max-time --max-time --connect-timeout --cookie --cookie-jar --dump-header "
                    "--referer --proxy --netrc-file --cacert --cert --key --range --url-query --stderr --config".split()
                ),
                {"-d": "POST", "-F": "POST", "--json": "POST", "--form": "POST", "--form-string": "POST"}
                | {f"--data{kind}": "POST" for kind in ("", "-raw", "-binary", "-ascii", "-urlencode")}
                | {
                    "-T": "PUT",
                    "--upload-file": "PUT",
                    "-I": "HEAD",
                    "--head": "HEAD",
                    "-G": "GET",
                    "--get": "GET",
                },
                frozenset(("-X", "--request")),
                frozenset(("-K", "--config", "-:", "--next")),
            )
        case "wget":
            return _Syntax(
                "aADeIiloOPQRtTUwX",
                frozenset("--method --post-data --post-file --header --output-document".split()),
                {"--post-data": "POST", "--post-file": "POST"},
                frozenset(("--method",)),
                frozenset(("-i", "--input-file", "-e", "--execute", "--config")),
            )
    return _Syntax(
        "fFHXqtp",
        frozenset(
            "--field --raw-field --header --method --jq --template --preview --input --hostname --cache".split()
        ),
        {"-f": "POST", "-F": "POST", "--field": "POST", "--raw-field": "POST", "--input": "POST"},
        frozenset(("-X", "--method")),
    )


def gh_use(words: Sequence[str]) -> Use:
    """What a command of `gh` takes; `words` are those behind the program."""
    plain = [word for word in words if not word.startswith("-")]
    if not plain or words[0] in _GH_WITHOUT:
        return NOTHING
    if plain[0] == "api":
        method, places = request("gh", words[words.index("api") + 1 :])
        return path_use(places[0], method) if places else UNKNOWN
    return _commands().get((plain[0], plain[1] if len(plain) > 1 else ""), UNKNOWN)


def request(program: str, words: Sequence[str]) -> tuple[str, list[str]]:
    """The method (empty when it cannot be told) and the addresses of a request of `gh` (behind `api`), `curl` or `wget`."""
    syntax = _syntax(program)
    asked: str | None = None
    implied: list[str] = []
    places: list[str] = []
    waits = ""  # the option whose value comes next
    for word in words:
        if waits:
            if waits in syntax.method:
                asked = word
            waits = ""
            continue
        if not word.startswith("-") or word in ("-", "--"):
            places.append(word)
            continue
        for option, value in _options(word, syntax):
            if option in syntax.more:
                asked = ""
            elif option in syntax.means:
                implied.append(syntax.means[option])
            if option == "--url" and value:
                places.append(value)
            elif option in syntax.method and value is not None and asked != "":
                asked = value
            elif value is None and (
                option in syntax.long or (option[1] in syntax.short and len(option) == 2)
            ):
                waits = option
    for method in ("GET", "HEAD", "PUT", "POST"):  # `-G` and `-I` stand above the data
        if asked is None and method in implied:
            asked = method
    return "GET" if asked is None else asked.upper(), places


def _options(word: str, syntax: _Syntax) -> Iterator[tuple[str, str | None]]:
    """The options in a word, each with its value where that is in it: `-fsSLX` are five, `-XPOST` is one."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        yield name, value if equals else None
        return
    for index, letter in enumerate(word[1:], 2):
        if letter in syntax.short:
            yield f"-{letter}", word[index:].removeprefix("=") or None
            return
        yield f"-{letter}", None


def path_use(path: str, method: str) -> Use:
    """What a request takes, by its path."""
    _, found, rest = path.partition("repos/")
    if not found or method not in _METHODS:
        return UNKNOWN
    # The repository may be one variable or two parts; what follows it names the endpoint.
    parts = rest.partition("?")[0].split("/")
    reads = method in ("GET", "HEAD")
    for part in parts[1:3] if parts[0][:1] in "$:{" else parts[2:3]:
        both = _PATHS.get(part.strip("\"'"))
        if both is not None:
            if part == "pulls" and not reads and parts[-1] in ("merge", "update-branch"):
                return _use("pull-requests:write contents:write")
            use = _use(both[0 if reads else 1])
            return UNKNOWN if ALL in use.may else use
    return _use("") if reads and len(parts) <= 2 and "$" not in rest else UNKNOWN


# ---------------------------------------------------------------- octokit

# Texts, since few scripts call for them; `re` keeps what it has compiled.
_CALL: Final = r"\b(?:github|octokit)\.(?:rest\.)?(\w+)\.(\w+)"
_CLIENT: Final = r"\b(?:github|octokit)\b(?!\.(?:rest\.)?\w+\.\w|\.paginate(?:\.iterator)?\(\s*(?:github|octokit)\.|['\".]com)"
_HANDED: Final = r"\(\s*(?:github|octokit)\."
_READS: Final = ("get", "list", "check", "compare", "download")
_SPACES: Final = {
    "issues": ("issues:read pull-requests?", "issues? pull-requests?"),
    "pulls": ("pull-requests:read", "pull-requests:write"),
    "actions": ("actions:read", "actions:write"),
    "checks": ("checks:read", "checks:write"),
    "git": ("contents:read", "contents:write"),
    "packages": ("packages:read", "packages:write"),
    "reactions": ("issues? pull-requests? discussions?", "issues? pull-requests? discussions?"),
    "codeScanning": ("security-events:read", "security-events:write"),
    "search": ("", ""),
    "users": ("", ALL),
    "meta": ("", ""),
    "rateLimit": ("", ""),
    "markdown": ("", ""),
}


@cache
def _of_repository() -> dict[str, Use]:
    return {
        name: _use(use)
        for names, use in (
            (
                "createRelease updateRelease deleteRelease uploadReleaseAsset deleteReleaseAsset",
                "contents:write",
            ),
            ("generateReleaseNotes createOrUpdateFileContents deleteFile merge", "contents:write"),
            ("createDispatchEvent createCommitComment", "contents:write"),
            ("createCommitStatus", "statuses:write"),
            ("createDeployment createDeploymentStatus deleteDeployment", "deployments:write"),
            ("listDeployments getDeployment listDeploymentStatuses", "deployments:read"),
            ("getCombinedStatusForRef listCommitStatusesForRef", "statuses:read"),
            ("listPullRequestsAssociatedWithCommit", "pull-requests:read contents:read"),
            ("getCollaboratorPermissionLevel get", ""),
            ("getRelease getLatestRelease getReleaseByTag listReleases listReleaseAssets", "contents:read"),
            ("getContent getCommit listCommits listTags listBranches getBranch getReadme", "contents:read"),
            ("compareCommits compareCommitsWithBasehead", "contents:read"),
        )
        for name in names.split()
    }


def client_uses(script: str) -> Iterator[Use]:
    """What the calls of octokit in a script of `actions/github-script` take."""
    if re.search(_CLIENT, script):  # the client is handed on, or asked in another way
        yield UNKNOWN
    for match in re.finditer(_CALL, script):
        space, method = match.groups()
        if space == "repos":
            yield _of_repository().get(method, UNKNOWN)
        elif (both := _SPACES.get(space)) is not None:
            use = UNKNOWN if ALL in both[not method.startswith(_READS)] else None
            if space == "pulls" and method in ("merge", "updateBranch"):
                use = _use("pull-requests:write contents:write")
            yield use or _use(both[not method.startswith(_READS)])
        elif space != "paginate" or not re.match(_HANDED, script[match.end() : match.end() + 80]):
            yield UNKNOWN
