from scanner.sbom.bill import Component
from tests.sbom.bills import bill

PRE_COMMIT = ".pre-commit-config.yaml"
COMMIT = "11bd71901bbe5b1630ceea73d27597364c9af683"


def hooks(text: str) -> dict[str, Component]:
    return {one.id: one for one in bill({PRE_COMMIT: text}).components}


def test_a_repository_of_hooks_is_a_component() -> None:
    found = hooks(
        "repos:\n"
        "- repo: https://github.com/pre-commit/pre-commit-hooks\n"
        "  rev: v5.0.0\n"
        "  hooks: [{id: check-yaml}, {id: check-json}]\n"
        f"- {{repo: 'https://gitlab.com/Group/sub/name.git', rev: {COMMIT}, hooks: [{{id: x}}]}}\n"
        "- {repo: local, hooks: [{id: own}]}\n"
        "- {repo: ../folder, rev: v1, hooks: [{id: own}]}\n"
    )
    assert list(found) == [
        f"hook-repository:gitlab.com/group/sub/name@{COMMIT}",
        "hook-repository:pre-commit/pre-commit-hooks@v5.0.0",
    ]
    one = found["hook-repository:pre-commit/pre-commit-hooks@v5.0.0"]
    assert (one.kind, one.group, one.name, one.version) == (
        "hook-repository",
        "pre-commit",
        "pre-commit-hooks",
        "v5.0.0",
    )
    assert str(one.purl) == "pkg:github/pre-commit/pre-commit-hooks@v5.0.0"
    assert [value for name, value in one.properties if name == "snowfence:hook"] == [
        "check-json",
        "check-yaml",
    ]
    assert [(place.path, place.line) for place in one.occurrences] == [(PRE_COMMIT, 2)]
    other = found[f"hook-repository:gitlab.com/group/sub/name@{COMMIT}"]
    assert str(other.purl) == f"pkg:git/gitlab.com/group/sub/name@{COMMIT}"
    assert [one.id for one in other.commits] == [COMMIT]


def test_one_revision_in_two_places_is_one_component_that_the_repository_depends_on() -> None:
    entry = "- {repo: 'https://github.com/a/b', rev: v1, hooks: [{id: x}]}\n"
    found = bill({PRE_COMMIT: f"repos:\n{entry}{entry}"})
    (one,) = found.components
    assert [place.line for place in one.occurrences] == [2, 3]
    assert found.dependencies == {found.subject.id: (one.id,)}
