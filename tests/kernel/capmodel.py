"""What capabilities are to be, in plain Python; and the same operations on the model and on kernels, compared.

The model knows no slots, generations, lists or references: an id that was given is live or has ended, and a capability
has a set of children. What the memory of the kernels says is read as bytes, and compared with that.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.kernel.caplives import FIRST, LAST, PAGE, PAGES, Event, Life

NO_REF = 0xFFFF_FFFF
LAST_GENERATION = 0x7FFF_FFFF
BUDGET = 64
IN_FRAME = 64
ENVS = (0, 1, 200, 255)
ZONES = (0, 1)
QUOTA = 60
"""Frames that zone 1 may have."""

FRAMES, ENV, DOOR, IRQ, PORTS, SLICE, ZONE, CONSOLE = 1, 2, 3, 4, 5, 7, 8, 9
OBJECTS = {ENV: "env_died", DOOR: "door_died", ZONE: "zone_died"}
BOUND = {FRAMES: "unmap", IRQ: "unroute", PORTS: "close", SLICE: "unschedule"}
GRANT, DERIVE, REVOKE, ALL = 16, 32, 64, 255
SUCCESS, INVALID_ID, REVOKED, EPOCH_MISMATCH, WRONG_TYPE, INSUFFICIENT_RIGHTS, OUT_OF_RANGE, ZONE_VIOLATION = range(8)
ERRNO = (0, -9, -116, -130, -91, -13, -34, -18)
EAGAIN, EACCES, EBUSY, EXDEV, EINVAL, ENOSPC, ERANGE = -11, -13, -16, -18, -22, -28, -34
SLOT = struct.Struct("<QQIBBHIIIIIII12x")
MOST_FRAMES = 5


@dataclass(eq=False)
class Node:
    """A capability."""

    env: int
    kind: int
    base: int
    limit: int
    rights: int
    zone: int
    epoch: int
    parent: Node | None
    children: set[Node] = field(default_factory=set)
    bindings: int = 0
    ident: int = 0

    @property
    def slot(self) -> int:
        """Where it is in its table."""
        return self.ident & 0x3FFF

    @property
    def ref(self) -> int:
        """How others refer to it."""
        return self.env << 14 | self.slot

    def below(self) -> Iterator[Node]:
        """Give all that was derived from it."""
        waiting = [self]
        while waiting:
            for child in waiting.pop().children:
                waiting.append(child)
                yield child

    def above(self) -> Iterator[Node]:
        """Give all that it was derived from."""
        at = self.parent
        while at is not None:
            yield at
            at = at.parent


class Kernels:
    """A model and some kernels. Every operation returns what the kernels returned, which is what the model said."""

    def __init__(self, lives: Sequence[Life]) -> None:
        self.lives = lives
        self.nodes: dict[tuple[int, int], Node] = {}
        self.ended: set[tuple[int, int]] = set()
        self.skipped: dict[tuple[int, int], int] = {}  # the generation of a slot before which no id can be any more
        self.retired: Counter[int] = Counter()
        self.frames: dict[int, list[int]] = {}
        self.free_pages = list(range(PAGES))
        self.epochs: Counter[tuple[int, int]] = Counter()
        self.zones = dict.fromkeys(ENVS, 0)
        self.used: Counter[int] = Counter()
        self.count = 0  # calls of kernel/caps.py
        self.call("zone_init", LAST - FIRST)
        assert self.call("create", 0, QUOTA) == 1
        for env in ENVS:
            self.create(env)

    def call(self, name: str, *arguments: int | bool) -> int:
        """Call a function of all kernels, which must return the same."""
        self.count += name not in Life.FUNCTIONS
        first, *others = [life.call(name, *arguments) for life in self.lives]
        assert all(other == first for other in others), (name, arguments, first, others)
        return first

    def give_pages(self, name: str, env: int, *pages: int) -> None:
        """Call a function with addresses of pages, which are not the same in all kernels. They are not empty."""
        for life in self.lives:
            for page in pages:
                life.write(life.page(page), b"\xa5" * PAGE)
            life.call(name, env, *(life.page(page) for page in pages))

    # --- tables ---------------------------------------------------------------------------------------------------

    def create(self, env: int) -> None:
        """Make a table."""
        directory, first = self.free_pages.pop(), self.free_pages.pop()
        self.frames[env] = [directory, first]
        self.give_pages("table_create", env, directory, first)

    def grow(self, env: int) -> None:
        """Make a table larger."""
        if len(self.frames[env]) <= MOST_FRAMES and self.free_pages:
            page = self.free_pages.pop()
            self.frames[env].append(page)
            self.give_pages("table_grow", env, page)

    def destroy(self, env: int, budget: int) -> None:
        """End a table and make a new one, whose ids begin again."""
        done = 0
        while not done:
            mine = {node for node in self.nodes.values() if node.env == env}
            roots = [node for node in mine if node.parent is None]
            before = self.begin()
            done = self.call("table_empty", env, budget)
            self.settle(before, mine.union(*(root.below() for root in roots)), set(), complete=bool(done))
        self.call("table_forget", env)
        assert self.call("make", env, CONSOLE, ALL, 0, 1, 0, NO_REF) == ENOSPC
        self.free_pages += self.frames.pop(env)
        self.ended = {(e, i) for e, i in self.ended if e != env}
        self.skipped = {(e, s): g for (e, s), g in self.skipped.items() if e != env}
        self.retired[env] = 0
        self.create(env)

    def age(self, env: int, lives_left: int) -> None:
        """Let the slot that is taken next have had nearly all its lives."""
        for life in self.lives:
            slot = int(life.static("caps", "tables")[env].free)
            if slot == 0:
                return
            at = life.slot_address(env, slot) + 16
            generation = max(LAST_GENERATION - lives_left, int.from_bytes(life.read(at, 4), "little"))
            life.write(at, generation.to_bytes(4, "little"))
            self.skipped[env, slot] = generation

    # --- what may be ----------------------------------------------------------------------------------------------

    def epoch(self, kind: int, base: int) -> int:
        """Return the epoch of an object."""
        return self.epochs[kind, base] if kind in OBJECTS else 0

    def judge(self, env: int, ident: int, kind: int, rights: int, first: int, end: int) -> int:
        """Return the verdict that an id is to get."""
        node = self.nodes.get((env, ident))
        slot, generation = ident & 0xFFFF_FFFF, ident >> 32
        if node is None:
            gone = (env, ident) in self.ended or generation < self.skipped.get((env, slot), 0)
            return REVOKED if gone else INVALID_ID
        if node.epoch != self.epoch(node.kind, node.base):
            return EPOCH_MISMATCH
        if kind not in (0, node.kind):
            return WRONG_TYPE
        if rights & ~node.rights:
            return INSUFFICIENT_RIGHTS
        if first < end and not node.base <= first < end <= node.limit:
            return OUT_OF_RANGE
        return SUCCESS if node.zone == self.zones[env] else ZONE_VIOLATION

    def room(self, env: int) -> bool:
        """Tell whether a table has a free slot."""
        used = sum(node.env == env for node in self.nodes.values())
        return used + self.retired[env] < (len(self.frames[env]) - 1) * IN_FRAME - 1

    def add(self, ident: int, node: Node) -> Node:
        """Note a capability that was made; no id is ever given twice."""
        assert 0 < ident < 1 << 63
        key = node.env, ident
        assert key not in self.nodes and key not in self.ended
        assert ident >> 32 >= self.skipped.get((node.env, ident & 0xFFFF_FFFF), 0)
        node.ident = ident
        self.nodes[key] = node
        if node.parent is not None:
            node.parent.children.add(node)
        return node

    def end(self, node: Node) -> None:
        """Note the end of a capability."""
        del self.nodes[node.env, node.ident]
        self.ended.add((node.env, node.ident))
        if node.ident >> 32 == LAST_GENERATION:
            self.retired[node.env] += 1
        if node.parent is not None:
            node.parent.children.remove(node)

    def told(self, node: Node) -> list[Event]:
        """Return what is to be told when a capability ends."""
        events: list[Event] = []
        if node.bindings:
            arguments: dict[int, tuple[int, ...]] = {
                FRAMES: (node.env, node.ident & 0x3FFF, node.bindings),
                SLICE: (node.base, node.limit, node.env << 14 | node.ident & 0x3FFF),
            }
            events.append((BOUND[node.kind], *arguments.get(node.kind, (node.env, node.ident & 0x3FFF))))
        if node.parent is None and node.kind in OBJECTS and node.epoch == self.epoch(node.kind, node.base):
            events.append((f"end_{OBJECTS[node.kind][:-5]}", node.base))
        return events

    # --- operations -----------------------------------------------------------------------------------------------

    def check(self, env: int, ident: int, kind: int, rights: int, first: int, end: int) -> int:
        """Validate an id."""
        code = self.call("cap_check", env, ident, kind, rights, first, end)
        assert code == self.judge(env, ident, kind, rights, first, end)
        return code

    def new(self, env: int, kind: int, base: int, count: int, rights: int = ALL) -> Node | None:
        """Make a root: of frames that are free, or of what is named by `base`."""
        zone = self.zones[env]
        if kind == FRAMES:
            base = self.call("kalloc_run", count, 1, LAST)
            if base >= LAST:
                return None
            if not self.call("charge", zone, count):
                self.call("kfree_run", base, count)
                return None
        ident = self.call("cap_new", env, kind, rights, base, base + count, zone)
        if not self.room(env):
            assert ident == ENOSPC
            if kind == FRAMES:
                self.call("kfree_run", base, count)
                self.call("credit", zone, count)
            return None
        self.used[zone] += count * (kind == FRAMES)
        return self.add(ident, Node(env, kind, base, base + count, rights, zone, self.epoch(kind, base), None))

    def derive(self, env: int, ident: int, target: int, first: int, end: int, rights: int, zone: int) -> int:
        """Derive a capability."""
        code = self.judge(env, ident, 0, DERIVE if env == target else GRANT, 0, 0)
        result = self.call("cap_derive", env, ident, target, first, end, rights, zone)
        parent = self.nodes.get((env, ident))
        if code != SUCCESS or parent is None:
            assert result == ERRNO[code]
        elif zone != self.zones[target]:
            assert result == EXDEV
        elif first >= end:
            assert result == EINVAL
        elif rights & ~parent.rights:
            assert result == EACCES
        elif not parent.base <= first < end <= parent.limit:
            assert result == ERANGE
        elif not self.room(target):
            assert result == ENOSPC
        else:
            epoch = self.epoch(parent.kind, first)
            self.add(result, Node(target, parent.kind, first, end, rights, zone, epoch, parent))
        return result

    def move(self, env: int, ident: int, target: int) -> int:
        """Move a capability."""
        code = self.judge(env, ident, 0, GRANT, 0, 0)
        result = self.call("cap_move", env, ident, target)
        node = self.nodes.get((env, ident))
        if code != SUCCESS or node is None:
            assert result == ERRNO[code]
        elif self.zones[target] != node.zone:
            assert result == EXDEV
        elif node.bindings or len(node.children) > BUDGET:
            assert result == EBUSY
        elif not self.room(target):
            assert result == ENOSPC
        else:
            children, parent = node.children, node.parent
            self.end(node)
            node.env = target
            self.add(result, node)
            assert (node.children, node.parent) == (children, parent)
        return result

    def bind(self, node: Node) -> None:
        """Note in the kernels that something was bound with a capability."""
        if node.kind in BOUND:
            node.bindings += 1
            for life in self.lives:
                life.write(life.slot_address(node.env, node.slot) + 48, node.bindings.to_bytes(4, "little"))

    def consume(self, node: Node) -> int:
        """Take the frame of a capability for the kernel, which gives it back at once."""
        result = self.call("cap_consume", node.env, node.slot)
        if node.kind != FRAMES or node.parent is not None or node.limit - node.base != 1:
            assert result == EINVAL
        elif node.children or node.bindings:
            assert result == EBUSY
        else:
            assert result == node.base
            self.call("kfree_run", node.base, 1)
            self.call("credit", node.zone, 1)
            self.used[node.zone] -= 1
            self.end(node)
        return result

    def drop(self, env: int, ident: int, budget: int = BUDGET) -> int:
        """Give a capability up, by a call for the whole, or by steps of a smaller budget."""
        node = self.nodes.get((env, ident))
        if node is None:
            result = self.call("cap_drop", env, ident)
            assert result == ERRNO[self.judge(env, ident, 0, 0, 0, 0)]
            return result
        root = node.parent is None
        before = self.begin()
        if budget == BUDGET:
            result = self.call("cap_drop", env, ident)
        else:
            result = self.call("drop", env << 14 | node.slot, budget)
        taken = {node, *(node.below() if root else ())}
        above = node if root else node.parent
        steps = self.settle(before, taken, {above} if above is not None else set(), complete=result == 0)
        assert budget in steps if result == EAGAIN else steps[0] <= budget
        return result

    def revoke(self, env: int, ident: int, keep: bool, force: bool = False) -> int:
        """End what was derived from a capability."""
        code = self.judge(env, ident, 0, REVOKE, 0, 0)
        before, counts = self.begin(), self.taken_counts()
        for life in self.lives:
            life.record(force)
        result = self.call("cap_revoke", env, ident, keep)
        for life in self.lives:
            life.record(False)
        node = self.nodes.get((env, ident))
        if code != SUCCESS or node is None:
            assert result == ERRNO[code]
            return result
        taken = set(node.below()) | (set() if keep else {node})
        ended = len(self.ended)
        owners = Counter(n.env for n in taken)
        steps = self.settle(before, taken, {node}, complete=result == 0)
        assert BUDGET in steps if result == EAGAIN else steps[0] <= BUDGET
        if result == 0:
            assert self.taken_counts() - counts == (owners if force else Counter())
        else:
            assert (self.taken_counts() - counts).total() == (len(self.ended) - ended if force else 0)
        return result

    def prune(self, node: Node, budget: int) -> int:
        """Do some steps of a revocation."""
        before = self.begin()
        left = self.call("prune", node.env << 14 | node.slot, budget)
        steps = self.settle(before, set(node.below()), {node}, complete=left != 0)
        assert budget - left in steps
        return left

    def died(self, kind: int, base: int) -> None:
        """End an object."""
        self.call(OBJECTS[kind], base)
        self.epochs[kind, base] += 1

    def cross(self, env: int, zone: int) -> None:
        """Put an environment into a zone."""
        self.call("env_moved", env, zone)
        self.zones[env] = zone

    # --- what the kernels' memory says ----------------------------------------------------------------------------

    def begin(self) -> list[int]:
        """Return how many events there were, before an operation that ends capabilities."""
        return [len(life.events) for life in self.lives]

    def taken_counts(self) -> Counter[int]:
        """Return what the kernels wrote down about capabilities that were taken by force."""
        counts = [
            Counter({env: int(life.static("env", "envs")[env].taken_count) for env in ENVS}) for life in self.lives
        ]
        assert all(other == counts[0] for other in counts)
        return counts[0]

    def settle(self, before: list[int], taken: set[Node], above: set[Node], *, complete: bool) -> range:
        """Let the model follow an operation that may end `taken`, and hand what is left to one of `above`.

        If it is complete, all of `taken` must have ended. Returns how many steps that can have been: one for each that
        was handed on, one or two for each that ended.
        """
        slots = self.slots()
        gone = {n for n in self.nodes.values() if slots[n.env, n.slot][2:4] != (n.ident >> 32, n.kind)}
        assert gone <= taken and (gone == taken or not complete)
        (told, *others) = [life.events[count:] for life, count in zip(self.lives, before, strict=True)]
        assert all(other == told for other in others)
        assert Counter(told) == Counter(event for node in gone for event in self.told(node))
        moved = 0
        for node in self.nodes.values():
            if node in gone or node.parent is None:
                continue
            ref = slots[node.env, node.slot][8]
            if ref != node.parent.ref:
                (new,) = [n for n in node.above() if n.ref == ref]
                assert not above or new in above
                node.parent.children.remove(node)
                new.children.add(node)
                node.parent = new
                moved += 1
            assert node.parent not in gone
        for node in gone:
            if node.parent is None and node.kind == FRAMES:
                self.used[node.zone] -= node.limit - node.base
            self.end(node)
        return range(moved + len(gone), moved + 2 * len(gone) + 1)

    def slots(self) -> dict[tuple[int, int], tuple[int, ...]]:
        """Return the content of all slots; all kernels must have the same."""
        found = {}
        for env, (_, *frames) in self.frames.items():
            for number, page in enumerate(frames):
                first, *others = [life.read(life.page(page), PAGE) for life in self.lives]
                assert all(other == first for other in others)
                for slot, fields in enumerate(SLOT.iter_unpack(first)):
                    found[env, number * IN_FRAME + slot] = fields
        return found

    def verify(self) -> None:
        """Compare the tables of the kernels with the model, and their lists with themselves."""
        slots = self.slots()
        live = {(node.env, node.slot): node for node in self.nodes.values()}
        for key, node in live.items():
            base, limit, generation, kind, flags, rights, zone, epoch, parent, _, _, _, bindings = slots[key]
            assert (base, limit, generation, kind) == (node.base, node.limit, node.ident >> 32, node.kind)
            assert (flags, rights, zone, epoch, bindings) == (0, node.rights, node.zone, node.epoch, node.bindings)
            assert parent == (NO_REF if node.parent is None else node.parent.ref)
            self.verify_children(node, slots)
        for env, (_, *frames) in self.frames.items():
            free = self.free_list(env, slots)
            used = {slot for owner, slot in live if owner == env}
            retired = {s for s in range(1, len(frames) * IN_FRAME) if slots[env, s][2] > LAST_GENERATION}
            assert len(retired) == self.retired[env]
            assert not free & used and not free & retired and not used & retired
            assert len(free) + len(used) + len(retired) == len(frames) * IN_FRAME - 1
            assert all(slots[env, slot][3] == 0 for slot in free | retired)
            for life in self.lives:
                table = life.static("caps", "tables")[env]
                assert (table.frames, table.used, table.retired) == (len(frames), len(used), len(retired))
        for life in self.lives:
            assert [life.static("zone", "zones")[z].used for z in ZONES] == [self.used[0] + QUOTA, self.used[1]]
            assert life.static("kalloc", "frames").count == LAST - FIRST - self.used.total()

    def verify_children(self, node: Node, slots: dict[tuple[int, int], tuple[int, ...]]) -> None:
        """Walk the list of a capability's children in both directions."""
        listed: list[int] = []
        before, ref = NO_REF, slots[node.env, node.slot][9]
        while ref != NO_REF:
            assert len(listed) < len(node.children)
            fields = slots[ref >> 14, ref & 0x3FFF]
            assert fields[11] == before
            listed.append(ref)
            before, ref = ref, fields[10]
        assert sorted(listed) == sorted(child.ref for child in node.children)

    def free_list(self, env: int, slots: dict[tuple[int, int], tuple[int, ...]]) -> set[int]:
        """Walk the list of free slots."""
        free: set[int] = set()
        slot = int(self.lives[0].static("caps", "tables")[env].free)
        while slot != 0:
            assert slot not in free
            free.add(slot)
            slot = slots[env, slot][10]
        return free
