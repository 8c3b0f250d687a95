"""The one list of what is taken, and on which server each of it is: on github.com, and where the home of actions is another GitHub."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.remotes.code import used_code
from scanner.analysis.remotes.running import runs, runs_by_action
from scanner.analysis.remotes.taken import Taken, taken_code, taken_of
from scanner.engine import Context, load, places
from scanner.graph.graph import Graph
from scanner.model.finding import Hit, Unknown
from scanner.model.online import GITHUB, Remote
from tests.memory import KNOWLEDGE, NOW, options_of, repository
from tests.online import InMemory

HOME = "ghe.example.org"
A, B, C = ("a" * 40, "b" * 40, "c" * 40)

CI = ".github/workflows/ci.yml"
LOCK = ".github/workflows/actions.lock"
HOOKS = ".pre-commit-config.yaml"


def workflow(*uses: str) -> dict[str, str]:
    steps = "".join(f"      - uses: {one}\n" for one in uses)
    return {CI: f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"}


def hooks(url: str, rev: str = "v1") -> dict[str, str]:
    return {HOOKS: f"repos:\n  - repo: {url}\n    rev: {rev}\n    hooks: [{{id: x}}]\n"}


def entry(key: str, commit: str, **more: str) -> str:
    fields = {
        "ref": key.partition("@")[2],
        "commit": f"sha1-{commit}",
        "owner_id": "1",
        "repo_id": "2",
        **more,
    }
    return f"  {key}: {{{', '.join(f'{name}: {value}' for name, value in fields.items())}}}\n"


def lock(listed: str, *entries: str) -> dict[str, str]:
    return {LOCK: f"version: v0.0.3\nworkflows:\n  {CI}: [{listed}]\ndependencies:\n{''.join(entries)}"}


FILES = {
    **workflow("o/tag@v1", f"O/pinned/sub@{A} # v2.0.0", "o/held@v3"),
    ".github/workflows/call.yml": "on: push\njobs:\n  a:\n    uses: o/called/.github/workflows/x.yml@main\n",
    **hooks("https://github.com/H/hooks", f"{B} # frozen: v4.0"),
    **lock(
        "o/held@v3",
        entry("o/held@v3", C, uses="[o/deep@v5, o/broken@v6]"),
        entry("o/deep@v5", A),
        entry("o/broken@v6", "1"),
        entry("o/idle@v7", B),
    ),
}


def shown(one: Taken) -> tuple[Any, ...]:
    return one.kind, str(one.remote), one.ref, one.commit, one.held, one.by


def test_all_kinds_in_one_list() -> None:
    graph, _ = repository(FILES)
    assert [shown(one) for one in taken_of(graph, GITHUB)] == [
        ("action", "o/tag", "v1", None, False, ""),
        ("action", "o/pinned", A, A, False, ""),
        ("action", "o/held", "v3", C, True, ""),
        ("action", "o/called", "main", None, False, ""),
        ("hook", "h/hooks", B, B, False, ""),
        ("locked", "o/deep", "v5", A, True, "o/held@v3"),
        ("locked", "o/broken", "v6", None, False, "o/held@v3"),
    ]
    comments = {str(one.remote): one.comment.ref for one in taken_code(graph, GITHUB) if one.comment}
    assert comments == {"o/pinned": "v2.0.0", "h/hooks": "v4.0"}


def test_the_other_lists_are_views_of_it() -> None:
    graph, _ = repository(FILES)
    listed = taken_code(graph, GITHUB)
    code = used_code(graph, GITHUB)
    assert [one.taken for one in code] == [one for one in listed if one.kind != "locked"]
    assert [(one.name, one.said) for one in code] == [
        ("o/tag", "v1"),
        ("O/pinned/sub", "v2.0.0"),
        ("o/held", "v3"),
        ("o/called/.github/workflows/x.yml", "main"),
        ("h/hooks", "v4.0"),
    ]
    slugs = frozenset(one.use.slug for one in listed if one.use is not None)
    running = runs(graph, slugs, GITHUB)
    assert [one.taken for one in running] == [one for one in listed if one.kind != "locked" or one.commit]
    assert set(runs_by_action(graph, slugs, GITHUB)) == {
        "o/tag@v1",
        f"o/pinned/sub@{A}",
        "o/held@v3",
        "o/called/.github/workflows/x.yml@main",
        "o/deep@v5",
    }


def test_an_action_that_a_file_names_is_not_only_in_the_lock() -> None:
    files = {
        **workflow("o/held@v3", "o/deep@v5"),
        **lock("o/held@v3, o/deep@v5", entry("o/held@v3", C, uses="[o/deep@v5]"), entry("o/deep@v5", A)),
    }
    graph, _ = repository(files)
    assert {one.kind for one in taken_of(graph, GITHUB)} == {"action"}


@pytest.mark.parametrize(
    ("files", "remotes"),
    [
        (workflow("O/a@v1"), [Remote(HOME, "o/a")]),
        (hooks("https://github.com/O/a"), [Remote(GITHUB, "o/a")]),
        (hooks("git@github.com:O/a.git"), [Remote(GITHUB, "o/a")]),
        (hooks(f"https://{HOME.upper()}/O/a"), [Remote(HOME, "o/a")]),
        (hooks("https://git.example.org/O/a"), [Remote("git.example.org", "O/a")]),
        (hooks("./hooks"), []),
    ],
)
def test_where_uses_and_hooks_are(files: dict[str, str], remotes: list[Remote]) -> None:
    graph, _ = repository(files)
    assert [one.remote for one in taken_of(graph, HOME)] == remotes


@pytest.mark.parametrize(
    ("more", "host"),
    [
        ({}, HOME),
        ({"hostname": "github.com"}, GITHUB),
        ({"hostname": "Other.Example.Org"}, "other.example.org"),
    ],
)
def test_where_entries_of_the_lock_are(more: dict[str, str], host: str) -> None:
    files = {
        **workflow("o/held@v3"),
        **lock("o/held@v3", entry("o/held@v3", C, uses="[O/deep@v5]", **more), entry("O/deep@v5", A, **more)),
    }
    graph, _ = repository(files)
    assert [one.remote for one in taken_of(graph, HOME)] == [Remote(host, "o/held"), Remote(host, "o/deep")]


# ---------------------------------------------------------------- whom rules ask


def asked(rule: str, files: dict[str, str], online: InMemory, **options: Any) -> list[Hit | Unknown]:
    made = load(places()[rule])
    graph, problems = repository(files)
    return list(
        made.check(Context(graph, problems, KNOWLEDGE, NOW, options_of(made, options), online=online))
    )


VULNERABLE = "tj-actions/branch-names"


@pytest.mark.parametrize(
    ("files", "host"),
    [
        (workflow(f"{VULNERABLE}@v7.0.6"), HOME),
        (hooks(f"https://github.com/{VULNERABLE}", "v7.0.6"), GITHUB),
        (
            {
                **workflow("o/held@v3"),
                **lock(
                    "o/held@v3",
                    entry("o/held@v3", C, uses=f"[{VULNERABLE}@v7.0.6]"),
                    entry(f"{VULNERABLE}@v7.0.6", A, hostname="github.com"),
                ),
            },
            GITHUB,
        ),
    ],
)
def test_known_vulnerable_actions_asks_the_server_that_has_it(files: dict[str, str], host: str) -> None:
    """The tags of the right one say that this is repaired; the other would be asked for nothing."""
    refs = {"refs": {"branches": {}, "tags": {"v7.0.6": A, "v9.0.0": A}}}
    online = InMemory({f"{host}/{VULNERABLE}": refs}, home=HOME)
    assert asked("known-vulnerable-actions", files, online) == []
    assert {remote for _, remote in online.asked} == {Remote(host, VULNERABLE)}
    assert {one.remote for one in online.prepared} == {Remote(host, VULNERABLE)}


def test_a_hook_of_another_server_has_no_advisories() -> None:
    graph, _ = repository(hooks(f"https://gitlab.com/{VULNERABLE}", "v7.0.6"))
    (one,) = taken_of(graph, GITHUB)
    assert one.use is None
    assert not runs(graph, frozenset((VULNERABLE,)), GITHUB)


def test_licenses_are_asked_of_the_server_that_the_lock_names() -> None:
    files = {
        **workflow("o/held@v3"),
        **lock(
            "o/held@v3",
            entry("o/held@v3", C, uses="[o/deep@v5, o/near@v6]"),
            entry("o/deep@v5", A, hostname="github.com"),
            entry("o/near@v6", B),
        ),
    }
    online = InMemory({}, home=HOME)
    asked("disallowed-license", files, online, allow=["MIT"], transitive=True)
    expected = {Remote(HOME, "o/held"), Remote(GITHUB, "o/deep"), Remote(HOME, "o/near")}
    assert {one.remote for one in online.prepared} == {remote for _, remote in online.asked} == expected


@pytest.mark.parametrize("rule", ["moved-tag", "re-registered-owner", "archived-uses"])
def test_entries_without_a_host_are_asked_at_home(rule: str) -> None:
    files = {
        **workflow("o/held@v3"),
        **lock("o/held@v3", entry("o/held@v3", C, uses="[o/deep@v5]"), entry("o/deep@v5", A)),
    }
    online = InMemory({}, home=HOME)
    asked(rule, files, online)
    assert {remote for _, remote in online.asked} == {Remote(HOME, "o/held"), Remote(HOME, "o/deep")}


@pytest.mark.parametrize(
    ("rule", "name", "rev"),
    [
        ("archived-uses", "o/hooks", "v1"),
        ("impostor-commit", "o/hooks", A),
        ("mutable-hook-rev", "o/hooks", "main"),
        ("typosquat-uses", "actons/checkout", "v1"),
    ],
)
def test_hooks_on_github_are_asked_there(rule: str, name: str, rev: str) -> None:
    online = InMemory({}, home=HOME)
    asked(rule, hooks(f"https://github.com/{name}", rev), online)
    assert {remote for _, remote in online.asked} == {Remote(GITHUB, name)}


TEXT = st.text("aB.-_/:@%?# \t\\é0", max_size=30)


@given(TEXT, TEXT, TEXT, st.sampled_from(["", "https://", "git@", "ssh://git@"]))
def test_whatever_files_name(url: str, rev: str, host: str, scheme: str) -> None:
    files = {
        **workflow("o/held@v3"),
        HOOKS: json.dumps({"repos": [{"repo": scheme + url, "rev": rev, "hooks": [{"id": "x"}]}]}),
        **lock("o/held@v3", entry("o/held@v3", C, hostname=json.dumps(host))),
    }
    graph, _ = repository(files)
    for one in taken_of(graph, HOME):
        assert one.remote.host
        assert one.remote.path
        assert one.remote.host == one.remote.host.lower()
        assert one.use is None or one.kind == "action" or one.remote.host in (GITHUB, HOME)


def names(graph: Graph) -> list[str]:
    return [str(one.remote) for one in taken_of(graph, GITHUB)]


def test_moved_repository_leaves_out_what_nobody_here_writes() -> None:
    graph, _ = repository(FILES)
    assert "o/deep" in names(graph)
    online = InMemory({"o/deep": {"refs": {"branches": {}, "tags": {}, "moved": "new/deep"}}})
    assert not [one for one in asked("moved-repository", FILES, online) if isinstance(one, Hit)]
