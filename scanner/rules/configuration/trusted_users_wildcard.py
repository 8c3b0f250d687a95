"""See trusted_users_wildcard.md."""

from collections.abc import Iterator
from typing import Final

from scanner.analysis.settings.in_use import settings_in_use
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, NoOptions, rule
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted

EVERYBODY: Final = {
    "*": "everybody",
    "@users": "every user of most Linux systems",
    "@staff": "every user of macOS",
    "@everyone": "every user of macOS",
    "@nixbld": "every build",
    "@nogroup": "services without rights",
    "@nobody": "services without rights",
    "nobody": "services without rights",
}


@rule(
    "trusted-users-wildcard",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="nix-trust",
    variants={"workflow": Severity.LOW},
    tags=("nix", "privilege", "CWE-250", "CWE-732", "CICD-SEC-5"),
)
def trusted_users_wildcard(ctx: Context[NoOptions]) -> Iterator[Hit | Unknown]:
    yield from once(
        Hit(
            word.at.first_line(),
            setting.subject,
            f"{quoted(word.text)} trusts {EVERYBODY[word.text]}, and whoever Nix trusts can become root; name the "
            "people who administer the machine, or their group",
            "workflow" if setting.place.in_workflow else None,
            evidence=(word.text,),
        )
        for setting in settings_in_use(ctx.graph, ctx.knowledge)
        if setting.name == "trusted-users"
        for word in setting.words
        if word.text in EVERYBODY
    )
