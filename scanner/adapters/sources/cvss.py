"""The base score of CVSS 3, for advisories that do not say how severe they are.

https://www.first.org/cvss/v3.1/specification-document, sections 7.1 and 5 (the scale), appendix A (rounding).
"""

from typing import Final

_WEIGHTS: Final = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PRIVILEGES: Final = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_SCALE: Final = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))


def severity_of(vector: str) -> str:
    """`low`, `medium`, `high` or `critical` of a vector `CVSS:3.x/…`; empty for a score of 0 and for what is no such vector."""
    score = base_score(vector)
    return next((name for least, name in _SCALE if score is not None and score >= least), "")


def base_score(vector: str) -> float | None:
    """The base score from 0.0 to 10.0 of a vector `CVSS:3.0/…` or `CVSS:3.1/…`, None for what is none."""
    version, _, rest = vector.partition("/")
    if version not in ("CVSS:3.0", "CVSS:3.1") or len(rest) > 300:
        return None
    metrics = dict(part.split(":", 1) for part in rest.split("/") if ":" in part)
    scope = metrics.get("S", "")
    try:
        weight = {name: values[metrics[name]] for name, values in _WEIGHTS.items()}
        privileges = _PRIVILEGES[scope][metrics["PR"]]
    except KeyError:
        return None
    lost = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    impact = 6.42 * lost if scope == "U" else 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15
    if impact <= 0:
        return 0.0
    exploitability = 8.22 * weight["AV"] * weight["AC"] * privileges * weight["UI"]
    return _rounded(min((1.0 if scope == "U" else 1.08) * (impact + exploitability), 10.0))


def _rounded(score: float) -> float:
    """Up to one decimal, as the specification does it on integers."""
    whole = round(score * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10
