"""See long_lived_credentials.md."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from scanner.analysis.taint.secret_values import secret_in
from scanner.analysis.workflows.aliases import once
from scanner.analysis.workflows.conditions import live_jobs, live_steps
from scanner.engine import Context, NoOptions, rule
from scanner.graph.graph import Graph
from scanner.graph.ids import file_id
from scanner.graph.nodes.workflows import WorkflowNode
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.expressions.contexts import occurring
from scanner.parse.expressions.syntax import Malformed, parse
from scanner.parse.fences import fences
from scanner.parse.nodes import Scalar, has_text
from scanner.parse.reader import Block
from scanner.parse.uses import RepositoryUse
from scanner.parse.workflow import Call


class Way(NamedTuple):
    """Inputs that take a key of a cloud, and what to write `instead`; `unless` one of these inputs is given."""

    inputs: tuple[str, ...]
    whose: str
    instead: str
    unless: tuple[str, ...] = ()


AWS: Final = "`role-to-assume` of aws-actions/configure-aws-credentials"
GOOGLE: Final = "`workload_identity_provider` of google-github-actions/auth"
AZURE: Final = "`client-id`, `tenant-id` and `subscription-id` of azure/login with a federated credential"
VAULT: Final = "`method: jwt` with a role"

# Sources: action.yml and README of each action; GitHub, "About security hardening with OpenID Connect".
ACTIONS: Final[Mapping[str, Way]] = {
    # A session token makes the keys short-lived.
    "aws-actions/configure-aws-credentials": Way(
        ("aws-secret-access-key", "aws-access-key-id"), "AWS", AWS, ("aws-session-token",)
    ),
    "google-github-actions/auth": Way(("credentials_json",), "Google Cloud", GOOGLE),
    "google-github-actions/setup-gcloud": Way(("service_account_key",), "Google Cloud", GOOGLE),
    "azure/login": Way(("creds",), "Azure", AZURE),
    "azure/webapps-deploy": Way(("publish-profile",), "Azure", AZURE),
    "azure/functions-action": Way(("publish-profile",), "Azure", AZURE),
    "hashicorp/vault-action": Way(("token", "secretid", "password", "githubtoken"), "Vault", VAULT),
}
REGISTRIES: Final = (
    (".amazonaws.com", "AWS", AWS),
    ("public.ecr.aws", "AWS", AWS),
    (".pkg.dev", "Google Cloud", GOOGLE),
    ("gcr.io", "Google Cloud", GOOGLE),
    (".azurecr.io", "Azure", AZURE),
)
VARIABLES: Final = {
    "AWS_SECRET_ACCESS_KEY": ("AWS", AWS),
    "ARM_CLIENT_SECRET": ("Azure", AZURE),
    "AZURE_CLIENT_SECRET": ("Azure", AZURE),
    "AZURE_CREDENTIALS": ("Azure", AZURE),
    "GOOGLE_CREDENTIALS": ("Google Cloud", GOOGLE),
}
Said = set[tuple[str, str, str]]
# With these beside it, a key is short-lived, or one of a storage that only speaks like Amazon's.
OTHERWISE: Final = (
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT",
    "S3_HOST",
    "S3_ENDPOINT",
)


@rule(
    "long-lived-credentials",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    area="permissions",
    variants={"variable": Severity.LOW},
    tags=("secrets", "CWE-522", "CWE-798", "CICD-SEC-6", "SLSA:publication"),
)
def long_lived_credentials(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(_hits(ctx.graph))


def _hits(graph: Graph) -> Iterator[Hit]:
    said: Said = set()
    for workflow in graph.of(WorkflowNode):
        yield from _variables(workflow.id, workflow.workflow.env, said)
    for job in live_jobs(graph):
        yield from _variables(job.id, job.job.env, said)
    for step in live_steps(graph):
        yield from _variables(step.id, step.step.env, said)
        if step.step.call is not None:
            yield from _action(step.id, step.step.call)


def _action(subject: str, call: Call) -> Iterator[Hit]:
    use = call.target
    if not isinstance(use, RepositoryUse) or use.path:
        return
    way = ACTIONS.get(use.slug) or (_registry(call) if use.slug == "docker/login-action" else None)
    if way is None or any(has_text(call.inputs.get(name)) for name in way.unless):
        return
    for name in way.inputs:
        value = call.inputs.get(name)
        sure = _lasting(value)
        if value is not None and sure is not None:
            yield Hit(
                value.content.first_line(),
                subject,
                f"{quoted(name)} is a key of {way.whose} that works until somebody changes it, for whoever gets hold of it; "
                f"let the job prove who it is (OIDC, `id-token: write`): {way.instead}",
                confidence=None if sure else Confidence.LOW,
                evidence=_evidence(name, value),
            )
            return


def _registry(call: Call) -> Way | None:
    """The cloud whose registry a login is for."""
    registry = call.inputs.get("registry")
    host = registry.value.strip().lower().partition("/")[0] if registry is not None else ""
    for ending, whose, instead in REGISTRIES:
        if host.endswith(ending):
            return Way(("password",), whose, f"{instead}, and its token as the password")
    return None


def _variables(subject: str, env: Block, said: Said) -> Iterator[Hit]:
    """Keys in variables, each said once for a file."""
    names = {entry.key.value for entry in env.entries}
    for entry in env.entries:
        name = entry.key.value
        whose, instead = VARIABLES.get(name, ("", ""))
        if not whose or (whose == "AWS" and any(other in names for other in OTHERWISE)):
            continue
        key = (entry.value.source.path, name, entry.value.value)
        if _lasting(entry.value) is not None and key not in said:
            said.add(key)
            yield Hit(
                entry.value.content.first_line(),
                subject,
                f"{quoted(name)} looks like a key of {whose} that works until somebody changes it, for whoever gets hold of "
                f"it; if it is one, let the job prove who it is (OIDC, `id-token: write`): {instead}",
                "variable",
                Confidence.LOW,
                evidence=_evidence(name, entry.value),
                about=file_id(entry.value.source.path),
            )


def _evidence(name: str, value: Scalar) -> tuple[str, ...]:
    """Where the key is given, and which secret holds it."""
    secret = secret_in(value)
    return (name,) if secret is None else (name, secret)


def _lasting(value: Scalar | None) -> bool | None:
    """Whether a value is a key that is kept: True for a secret or a text, False for what a caller hands over; None for what an
    earlier step or job made, or nothing."""
    if value is None or not has_text(value):
        return None
    sure: bool | None = None if "${{" in value.value else True
    for fence in fences(value):
        tree = parse(fence.text)
        for context in occurring(tree) if not isinstance(tree, Malformed) else ():
            match context.path[0]:
                case "secrets" if context.path[1:] != ("github_token",):
                    return True
                case "inputs" | "env" | "vars" | "matrix":
                    sure = False
    return sure
