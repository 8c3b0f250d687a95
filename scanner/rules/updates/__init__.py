"""Rules about what keeps a repository up to date: Dependabot, Renovate, workflows that update locks."""

INPUTS: frozenset[str] | None = frozenset(
    {"workflow", "action", "dependabot", "renovate", "pre-commit", "flake-lock"}
)
