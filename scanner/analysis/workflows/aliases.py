"""What YAML aliases repeat stands in the file once, and is said once."""

from collections.abc import Iterable, Iterator

from scanner.model.finding import Hit, Unknown


def once(answers: Iterable[Hit | Unknown]) -> Iterator[Hit | Unknown]:
    """The answers without those that repeat an earlier one's place and variant."""
    seen = set()
    for answer in answers:
        key = (answer.at, answer.variant if isinstance(answer, Hit) else Unknown)
        if key not in seen:
            seen.add(key)
            yield answer
