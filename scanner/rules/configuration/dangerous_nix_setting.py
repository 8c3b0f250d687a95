"""See dangerous_nix_setting.md."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scanner.analysis.locks.references import url_of
from scanner.analysis.patterns import covered
from scanner.analysis.settings.in_use import Place, SettingInUse, known, settings_in_use
from scanner.analysis.workflows.aliases import once
from scanner.engine import Context, rule
from scanner.knowledge.tables import Knowledge
from scanner.model.finding import Confidence, Hit, Severity, Unknown
from scanner.model.quoting import quoted
from scanner.parse.nix.hosts import is_local_host
from scanner.parse.nix.setting import Word


class Options(NamedTuple):
    trusted: tuple[str, ...] = ()


# What settings do: Nix 2.34 manual, "nix.conf".
PROGRAMS: Final = {
    "post-build-hook": "runs a program after every build",
    "pre-build-hook": "runs a program before every build",
    "diff-hook": "runs a program when a build differs",
    "build-hook": "decides with which program builds are handed out",
    "plugin-files": "loads code into Nix itself",
    "external-builders": "runs a program in place of the sandbox",
}
# What only a flake's own configuration makes dangerous: on one's own machine it is one's own affair.
FLAKE_ONLY: Final = {
    "ssl-cert-file": "decides whose servers Nix believes",
    "netrc-file": "decides which passwords Nix sends to servers",
    "secret-key-files": "decides with which keys builds are signed",
    "upgrade-nix-store-path-url": "decides what `nix upgrade-nix` installs",
    "store": "decides where everything is built and kept",
}
HARDENING: Final = {
    "filter-syscalls": (False, "builds may make setuid programs"),
    "allow-new-privileges": (True, "builds may gain rights through setuid programs"),
    "require-drop-supplementary-groups": (False, "builds may keep the groups of whoever starts them"),
}
OPEN_URIS: Final = frozenset(
    (
        "http:",
        "http://",
        "https:",
        "https://",
        "git+https:",
        "git+https://",
        "github:",
        "ssh:",
        "file:",
        "file://",
        "/",
    )
)
_TOKEN_FILLERS: Final = ("<", "xxx", "your", "token", "example", "...", "…", "@", "secret")
_SHORTEST_TOKEN: Final = 12


@rule(
    "dangerous-nix-setting",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    area="nix-trust",
    options=Options,
    variants={
        "secret": Severity.HIGH,
        "registry": Severity.MEDIUM,
        "own": Severity.LOW,
        "hardening": Severity.LOW,
        "fetching": Severity.LOW,
    },
    tags=("nix", "supply-chain", "hardening", "CWE-829", "CWE-798", "CICD-SEC-7"),
)
def dangerous_nix_setting(ctx: Context[Options]) -> Iterator[Hit | Unknown]:
    settings = settings_in_use(ctx.graph, ctx.knowledge)
    yield from once(
        hit
        for setting in settings
        if not _is_default(setting, ctx.knowledge)
        for hit in _judge(setting, ctx.options.trusted)
    )


def _is_default(setting: SettingInUse, knowledge: Knowledge) -> bool:
    known = knowledge.nix_setting(setting.name)
    if not setting.words:
        return True
    return known is not None and known.default == tuple(word.text for word in setting.words)


def _judge(setting: SettingInUse, trusted: tuple[str, ...]) -> Iterator[Hit]:
    name, flake = setting.name, setting.place is Place.FLAKE
    if name in PROGRAMS:
        yield _hit(setting, f"it {PROGRAMS[name]}", None if flake else "own", _advice(setting))
    elif name in FLAKE_ONLY and flake:
        yield _hit(setting, f"it {FLAKE_ONLY[name]}", None, _advice(setting))
    elif name == "allow-unsafe-native-code-during-evaluation" and setting.truth is True:
        yield _hit(setting, "any Nix expression may run programs while it is evaluated", None, "remove it")
    elif name == "flake-registry":
        yield from _registry(setting)
    elif name in ("access-tokens", "substituters", "trusted-substituters"):
        yield from _secrets(setting)
    elif name == "builders":
        yield from _builders(setting, trusted)
    elif name in HARDENING and setting.truth is HARDENING[name][0]:
        yield _hit(
            setting, HARDENING[name][1], "hardening", "remove it unless a build that you know needs it"
        )
    elif name == "allowed-uris":
        for word in setting.words:
            if word.text.lower() in OPEN_URIS:
                message = (
                    f"{quoted(word.text)} lets restricted evaluation fetch from anywhere, so that it restricts "
                    "nothing; name the servers that are needed"
                )
                yield Hit(word.at.first_line(), setting.subject, message, "fetching", evidence=(word.text,))


def _hit(setting: SettingInUse, problem: str, variant: str | None, advice: str) -> Hit:
    message = f"{quoted(setting.name)}: {problem} {setting.place.reach}; {advice}"
    return Hit(setting.whole, setting.subject, message, variant, evidence=(setting.name,))


def _advice(setting: SettingInUse) -> str:
    if setting.place is Place.FLAKE:
        return "remove it, a flake has no business to decide this"
    return "make sure that nobody else can write what it names"


def _registry(setting: SettingInUse) -> Iterator[Hit]:
    word = setting.words[0]
    if not known(word) or word.text in ("/dev/null", "vendored"):
        return
    if setting.place is Place.FLAKE:
        problem = (
            "Nix takes this from a flake without asking, and names like `nixpkgs` then mean what it says"
        )
        yield _hit(setting, problem, "registry", "remove it and give inputs their full address")
    elif url_of(word.text).scheme == "http":
        problem = "whoever is on the way decides what names like `nixpkgs` mean"
        yield _hit(setting, problem, "registry", "use `https://`")
    elif url_of(word.text).scheme == "https":
        problem = f"{quoted(url_of(word.text).host)} decides what names like `nixpkgs` mean"
        yield _hit(setting, problem, "own", "make sure that it is yours, or keep the file beside nix.conf")


def _secrets(setting: SettingInUse) -> Iterator[Hit]:
    """Secrets that stand in the file itself. They are never repeated in a message."""
    for word in setting.words:
        if not known(word):
            continue
        if setting.name == "access-tokens":
            host, _, secret = word.text.partition("=")
            secret = secret.rpartition(":")[2]
            what = f"an access token for {quoted(host)}"
        else:
            user = word.text.partition("://")[2].partition("/")[0].rpartition("@")[0]
            secret = user.partition(":")[2]
            what = "the password of a cache"
        if _is_secret(secret, setting.name == "access-tokens"):
            message = (
                f"{what} stands in this file, and everybody who can read the repository has it; revoke it, and keep "
                "the next one in a file of your own or in the secrets of the repository"
            )
            yield Hit(word.at.first_line(), setting.subject, message, "secret")


def _is_secret(text: str, token: bool) -> bool:
    plain = text.lower()
    if not text or any(filler in plain for filler in _TOKEN_FILLERS) or len(set(plain)) < 5:
        return False
    return len(text) >= _SHORTEST_TOKEN if token else True


def _builders(setting: SettingInUse, trusted: tuple[str, ...]) -> Iterator[Hit]:
    """One builder for each `;`, its address first."""
    first = True
    for word in setting.words:
        if first and known(word) and not word.text.startswith("@") and word.text.strip(";"):
            yield from _builder(word, setting, trusted)
        first = word.text.endswith(";")


def _builder(word: Word, setting: SettingInUse, trusted: tuple[str, ...]) -> Iterator[Hit]:
    address = word.text.strip(";").partition("?")[0]
    host = url_of(address).host or address.rpartition("@")[2].lower()
    if is_local_host(host) or covered(host, trusted):
        return
    flake = setting.place is Place.FLAKE
    advice = (
        "remove it, a flake has no business to decide this"
        if flake
        else f"if it is yours, add {quoted(host)} to `trusted` of `dangerous-nix-setting` in snowfence.yaml"
    )
    message = (
        f"{quoted(host)} builds packages {setting.place.reach}, and what it answers is believed without a signature; "
        f"{advice}"
    )
    yield Hit(word.at.first_line(), setting.subject, message, None if flake else "own", evidence=(host,))
