"""What is compared: each case is some tools with the same work, ours first, the peer where there is one."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench import generated
from bench.process import Failed, Tool, measure

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CORPUS = ROOT.parent / "shared" / "corpus"

NOW = ("--now", "2026-11-22", "--knowledge", "shipped")
OURS, PEER = "snowfence", "zizmor"


class Case(NamedTuple):
    """A comparison. `parts` are the tools for each part of the work; more than one where a tool cannot do all of it in one process, whose
    costs are added up then."""

    id: str
    name: str
    parts: tuple[tuple[Tool, ...], ...]


def _ours(*arguments: str) -> Tool:
    return Tool(OURS, (str(BIN / "snowfence"), *arguments), (0, 1))


def scan(*arguments: str) -> Tool:
    return _ours("scan", *NOW, *arguments)


def _peer(*arguments: str) -> Tool:
    """Offline, since we are; without configuration, so that a repository cannot switch its audits off."""
    return Tool(
        PEER, (str(BIN / "zizmor"), "--offline", "--quiet", "--no-exit-codes", "--no-config", *arguments)
    )


def cases(scratch: Path, only: str | None = None, corpus: Path = CORPUS) -> Iterator[Case]:
    """The comparisons (`only` those whose ids begin with one of these letters), those on real repositories where the corpus is beside this
    project; what is made up stands in `scratch`."""
    for letter, make in _MAKERS.items():
        if only is None or letter in only:
            yield from make(scratch, corpus)


def _one(_: Path, corpus: Path) -> Iterator[Case]:
    file = min((_real(corpus) / ".github" / "workflows").glob("*.y*ml"))
    yield _pair("a", f"one workflow, {file.name}", [str(file)])


def _repository(_: Path, corpus: Path) -> Iterator[Case]:
    yield _pair("b", _real(corpus).name, [str(_real(corpus))])


def _real(corpus: Path) -> Path:
    return corpus / "blazedots" if (corpus / "blazedots").is_dir() else ROOT / "fixtures" / "demo"


def _corpus(_: Path, corpus: Path) -> Iterator[Case]:
    yield from _whole("c", "corpus, every check", (), corpus)


def _sarif(_: Path, corpus: Path) -> Iterator[Case]:
    yield from _whole("f", "corpus, every check, SARIF", ("--format", "sarif"), corpus)


def _whole(id: str, name: str, format: tuple[str, ...], corpus: Path) -> Iterator[Case]:
    """All repositories in one process; where a tool gives up on that, those that both take alone, in one process or at last in one each."""
    repositories = sorted(map(str, (corpus / "open").glob("*")))

    def tools(*paths: str) -> tuple[Tool, ...]:
        return (
            scan("--policy", "strict", "--no-repository-policy", "--fail-on", "none", *format, *paths),
            _peer("--persona", "auditor", *format, *paths),
        )

    if not repositories:
        return
    taken = repositories
    if not all(map(_works, tools(*taken))):
        taken = [one for one in repositories if all(map(_works, tools(one)))]
    whole = tools(*taken)
    parts = (whole,) if all(map(_works, whole)) else tuple(tools(one) for one in taken)
    how = "one process" if len(parts) == 1 else "a process for each"
    yield Case(id, f"{name}: {len(taken)} of {len(repositories)} repositories, {how}", parts)


def _findings(scratch: Path, _: Path) -> Iterator[Case]:
    generated.make("findings", scratch / "findings", 2_000, 3_000)
    yield _pair("d", "2,000 steps, 3,000 findings", [str(scratch / "findings")])


def _locks(scratch: Path, corpus: Path) -> Iterator[Case]:
    real = corpus / "open" / "Lehmanator__nix-configs" / "flake.lock"
    if real.is_file():
        yield Case("e1", "a real lock of 384 nodes", ((scan(str(real)),),))
    generated.make("lock", scratch / "lock", 10_000)
    yield Case("e2", "a lock of 10,000 nodes", ((scan(str(scratch / "lock")),),))


def _bill(scratch: Path, _: Path) -> Iterator[Case]:
    generated.make("lock", scratch / "bill", 1_000)
    yield Case("g", "SBOM of 1,000 components", ((_ours("sbom", *NOW, str(scratch / "bill")),),))


_MAKERS: Final[dict[str, Callable[[Path, Path], Iterator[Case]]]] = {
    "a": _one,
    "b": _repository,
    "c": _corpus,
    "d": _findings,
    "e": _locks,
    "f": _sarif,
    "g": _bill,
}


def _pair(id: str, name: str, paths: Sequence[str]) -> Case:
    return Case(id, name, ((scan(*paths), _peer(*paths)),))


def _works(tool: Tool) -> bool:
    try:
        measure(tool)
    except Failed:
        return False
    return True
