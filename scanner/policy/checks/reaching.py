"""Which nodes reach others: for all nodes at once, by one walk from what is to be reached.

Nodes are numbers, sets of them bits (`masks.py`). A path has at least one edge; it may pass a node twice. `after` are the nodes that follow
each node on a path, `before` those that come before it.
"""

from typing import Final, NamedTuple

from scanner.policy.checks.masks import mask_of, mask_of_flags, numbers_of

Neighbours = list[list[int]]

_MAX_BITS: Final = 64 * 1024 * 1024 * 8
"""How many bits all sets of reached nodes together may have at once; more targets are counted in several rounds."""
_LEAST_ROUND: Final = 4096

MAX_SHOWN: Final = 50
"""Nodes of a path that are looked up: a finding for each node of a long chain would else cost the square of it."""

MAX_NEAR: Final = 200
"""Nodes around one that are looked through for what its finding is about."""

_NONE: Final = -1


class Path(NamedTuple):
    """A shortest path: its nodes from the start on, of a very long one the first of them, and what it leads to."""

    nodes: list[int]
    goal: int

    @property
    def whole(self) -> bool:
        return self.nodes[-1] == self.goal and len(self.nodes) > 1


def nearby(after: Neighbours, start: int, within: int | None) -> int:
    """The nodes that a node reaches, without itself; the nearest, where they are more than `MAX_NEAR`."""
    seen, frontier, steps = {start}, [start], 0
    while frontier and steps != within:
        following: list[int] = []
        for node in frontier:
            if len(seen) > MAX_NEAR:
                break
            fresh = [one for one in after[node] if one not in seen]
            seen.update(fresh)
            following += fresh
        frontier, steps = following, steps + 1
    return mask_of(seen - {start}, len(after))


class Walk(NamedTuple):
    """The nodes that reach a target, and for each of them how its shortest path goes on and where it ends."""

    reached: int
    following: list[int]
    goals: list[int]
    size: int
    through: bool

    def path(self, start: int) -> Path:
        """A shortest path from a node that reaches a target, as far as anybody would read it."""
        size = self.size
        found = [start]
        # A state is a node, plus `size` where the path has yet to pass a node, plus twice that at its end.
        begin = start + size if self.through else start
        state = self.following[begin]
        while state < 2 * size and len(found) < MAX_SHOWN:
            found.append(state % size)
            state = self.following[state]
        if state >= 2 * size:
            found.append(state - 2 * size)
        return Path(found, self.goals[begin])


def walk(before: Neighbours, targets: int, through: int | None, within: int | None) -> Walk:
    """Breadth first against the direction of paths, from the targets: each edge is looked at once, with `through` twice."""
    return (
        _walk(before, targets, within) if through is None else _walk_through(before, targets, through, within)
    )


def _walk(before: Neighbours, targets: int, within: int | None) -> Walk:
    size = len(before)
    seen = bytearray(size)
    following = [_NONE] * size
    goals = [_NONE] * size
    frontier = list(numbers_of(targets))
    last, steps = 2 * size, 0
    while frontier and steps != within:
        reached: list[int] = []
        for node in frontier:
            for one in before[node]:
                if not seen[one]:
                    seen[one] = 1
                    following[one] = node + last
                    goals[one] = node if last else goals[node]
                    reached.append(one)
        frontier, last, steps = reached, 0, steps + 1
    return Walk(mask_of_flags(seen), following, goals, size, False)


def _walk_through(before: Neighbours, targets: int, through: int, within: int | None) -> Walk:
    """States are nodes, once for a way to a target on which no node has been passed, and once (plus `size`) for one on which one has."""
    size = len(before)
    passed = bytearray(size)
    for node in numbers_of(through):
        passed[node] = 1
    seen = bytearray(2 * size)
    following = [_NONE] * (2 * size)
    goals = [_NONE] * (2 * size)
    # The end of a path is not passed, so that targets begin without regard to `through`.
    frontier = [node + 2 * size for node in numbers_of(targets)]
    steps = 0
    while frontier and steps != within:
        reached: list[int] = []
        for state in frontier:
            node = state % size
            done = state < 2 * size and (state >= size or passed[node])
            base = size if done else 0
            for one in before[node]:
                arrived = one + base
                if not seen[arrived]:
                    seen[arrived] = 1
                    following[arrived] = state
                    goals[arrived] = node if state >= 2 * size else goals[state]
                    reached.append(arrived)
        frontier, steps = reached, steps + 1
    return Walk(mask_of_flags(seen[size:]), following, goals, size, True)


# ---------------------------------------------------------------- how many are reached


class Components(NamedTuple):
    """The nodes that reach one another, in groups: the group of each node, and for every group the groups that follow it, which have
    smaller numbers, its nodes, and whether it has a cycle."""

    of: list[int]
    after: Neighbours
    nodes: Neighbours
    cyclic: list[bool]


def components(after: Neighbours) -> Components:
    """Tarjan's algorithm with a stack of its own; groups are numbered so that those that follow come first."""
    size = len(after)
    of = [_NONE] * size
    found = [0] * size
    low = [0] * size
    nodes: Neighbours = []
    stack: list[int] = []
    clock = 0
    for root in range(size):
        if found[root]:
            continue
        clock += 1
        found[root] = low[root] = clock
        stack.append(root)
        work = [(root, iter(after[root]))]
        while work:
            node, rest = work[-1]
            for one in rest:
                if not found[one]:
                    clock += 1
                    found[one] = low[one] = clock
                    stack.append(one)
                    work.append((one, iter(after[one])))
                    break
                if of[one] == _NONE and found[one] < low[node]:
                    low[node] = found[one]
            else:
                work.pop()
                if work and low[node] < low[work[-1][0]]:
                    low[work[-1][0]] = low[node]
                if low[node] == found[node]:
                    group: list[int] = []
                    while True:
                        member = stack.pop()
                        of[member] = len(nodes)
                        group.append(member)
                        if member == node:
                            break
                    nodes.append(group)
    following = [
        [one for one in dict.fromkeys(of[one] for node in group for one in after[node]) if one != number]
        for number, group in enumerate(nodes)
    ]
    cyclic = [len(group) > 1 or group[0] in after[group[0]] for group in nodes]
    return Components(of, following, nodes, cyclic)


def longest(groups: Components) -> int | None:
    """How many edges the longest path has; None where a path has no end, since it leads through a cycle."""
    if any(groups.cyclic):
        return None
    lengths: list[int] = []
    for following in groups.after:
        lengths.append(max((lengths[one] + 1 for one in following), default=0))
    return max(lengths, default=0)


def counts(groups: Components, targets: int, through: int | None) -> list[int]:
    """How many different targets each node reaches, however long the way."""
    total = [0] * len(groups.nodes)
    goals = list(numbers_of(targets))
    passed = {groups.of[node] for node in numbers_of(through)} if through is not None else set()
    for some in _rounds(goals, len(groups.nodes)):
        own: dict[int, int] = {}
        for bit, node in enumerate(some):
            own[groups.of[node]] = own.get(groups.of[node], 0) | 1 << bit
        arriving = [0] * len(groups.nodes)  # what whoever leads to a group reaches: the group itself too
        reached = [0] * len(groups.nodes)
        beyond = [0] * len(groups.nodes)  # what is reached past a node of `through`
        for number, following in enumerate(groups.after):
            here = there = 0
            for one in following:
                here |= arriving[one]
            if through is not None:
                for one in following:
                    there |= beyond[one]
                    if one in passed:
                        there |= reached[one]
            if groups.cyclic[number]:
                here |= own.get(number, 0)
                if number in passed:
                    there |= here
            reached[number] = here
            arriving[number] = here | own.get(number, 0)
            beyond[number] = there
        answers = reached if through is None else beyond
        for number, bits in enumerate(answers):
            if bits:
                total[number] += bits.bit_count()
    return [total[number] for number in groups.of]


class Twins(NamedTuple):
    """Nodes that are followed by the same nodes, in groups, since they reach the same: the group of each node, for every group the
    nodes that follow, and for every node the groups that come before it."""

    of: list[int]
    after: Neighbours
    before: Neighbours


def twins(after: Neighbours) -> Twins:
    known: dict[tuple[int, ...], int] = {}
    of = [known.setdefault(tuple(following), len(known)) for following in after]
    before: Neighbours = [[] for _ in after]
    groups = [list(following) for following in known]
    for number, following in enumerate(groups):
        for one in following:
            before[one].append(number)
    return Twins(of, groups, before)


def counts_within(nodes: Twins, targets: int, through: int | None, within: int) -> list[int]:
    """How many different targets each node reaches by at most so many edges. In each round only what is new goes on."""
    size = len(nodes.of)
    total = [0] * len(nodes.after)
    passed = bytearray(size)
    for node in numbers_of(through or 0):
        passed[node] = 1
    members: Neighbours = [[] for _ in nodes.after]
    for node, number in enumerate(nodes.of):
        members[number].append(node)
    # The groups before each group, and those before those of its nodes that are passed.
    before = [list({number for node in some for number in nodes.before[node]}) for some in members]
    beside = [
        list({number for node in some if passed[node] for number in nodes.before[node]}) for some in members
    ]
    for some in _rounds(list(numbers_of(targets)), size):
        reached = [0] * len(nodes.after)
        beyond = [0] * len(nodes.after)
        here: dict[int, int] = {}
        there: dict[int, int] = {}
        for bit, node in enumerate(some):
            for number in nodes.before[node]:
                here[number] = here.get(number, 0) | 1 << bit
        for step in range(within):
            here, there = _new(reached, here), _new(beyond, there)
            if step == within - 1 or not (here or there):
                break
            here, there = _next(here, there, before, beside)
        for number, bits in enumerate(reached if through is None else beyond):
            if bits:
                total[number] += bits.bit_count()
    return [total[number] for number in nodes.of]


def _new(known: list[int], arrived: dict[int, int]) -> dict[int, int]:
    """What of the bits that arrived is new; it is known from now on."""
    found: dict[int, int] = {}
    for number, bits in arrived.items():
        old = known[number]
        both = old | bits
        if both != old:
            known[number] = both
            found[number] = both ^ old
    return found


def _next(
    here: dict[int, int], there: dict[int, int], before: Neighbours, beside: Neighbours
) -> tuple[dict[int, int], dict[int, int]]:
    """Where the new bits arrive next: those that are reached, and those that are reached past a node of `through`."""
    reached: dict[int, int] = {}
    beyond: dict[int, int] = {}
    for number, bits in here.items():
        for one in before[number]:
            reached[one] = reached[one] | bits if one in reached else bits
        for one in beside[number]:
            beyond[one] = beyond[one] | bits if one in beyond else bits
    for number, bits in there.items():
        for one in before[number]:
            beyond[one] = beyond[one] | bits if one in beyond else bits
    return reached, beyond


def _rounds(goals: list[int], size: int) -> list[list[int]]:
    step = max(_LEAST_ROUND, _MAX_BITS // max(size, 1))
    return [goals[at : at + step] for at in range(0, len(goals), step)]
