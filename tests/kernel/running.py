"""The kernel as it is once it runs: memory, zones, environments; on one CPU, under CPython."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from exotool.lang import memory, models
from exotool.lang.state import save
from kernel import kalloc, life, sched, teardown, vm, zone
from kernel.env import NO_CPU, READY, RUNNING, Env, envs
from kernel.layout import ENVS, KSTACK_SIZE, PAGE_SIZE, PHYSBASE

FIRST, LAST = 0x200, 0x2000  # frames
KERNEL_PML4 = 0x1000
CPU = 0x6000_0000


class Kernel:
    """A kernel with the first environment and `count` more."""

    def __init__(self, count: int) -> None:
        self._restore = save()
        self._models = ExitStack()
        self.blocked: type[Exception] | None = None
        memory.map(PHYSBASE, LAST * PAGE_SIZE)
        memory.map(CPU, PAGE_SIZE)
        memory.set_symbol("__text_start", 0xFFFF_FFFF_8010_0000)
        memory.set_symbol("__bss_end", 0xFFFF_FFFF_8010_0000)
        memory.set_symbol("cpus", CPU)
        memory.set_symbol("kernel_work", CPU + 0x800)
        self._models.enter_context(
            models(
                kernel_pml4_pa=lambda: KERNEL_PML4,
                current_cpu=lambda: CPU,
                current_env=lambda: memory.read(CPU + 32, 8),
                swtch=lambda old, new: self.switched(),
                binding_unmap=teardown.binding_unmap,
                binding_unroute=teardown.binding_unroute,
                binding_close=teardown.binding_close,
                binding_unschedule=teardown.binding_unschedule,
                binding_end_env=teardown.binding_end_env,
                binding_end_door=teardown.binding_end_door,
                binding_end_zone=teardown.binding_end_zone,
            )
        )
        for slot in range(count + 1):
            memory.map(int(vm.kstack_top(slot)) - KSTACK_SIZE, KSTACK_SIZE)
        kalloc.frames.set_range(FIRST, LAST, True)
        vm.pool_used = vm.POOL  # its tables would be in the image
        for slot in range(0, ENVS, 64):
            vm.entry_at(vm.kstack_top(slot) - PAGE_SIZE, 12)
        zone.zone_init(kalloc.frames.count)
        self.init = self.make_env()  # whose end would be that of the kernel
        self.free_at_start = int(kalloc.frames.count)
        self.used_at_start = int(zone.used(zone.ROOT))
        self.envs = [self.make_env() for _ in range(count)]

    def make_env(self, zone_index: int = zone.ROOT) -> Env:
        """Make an environment as env_create does."""
        number = int(life.env_new(zone_index))
        assert number >= 0, number
        env = envs[number]
        env.owned = 1
        return env

    def at(self, number: int) -> Env:
        """Return an environment by its number."""
        return envs[number]

    def switched(self) -> None:
        """Go on after a switch of stacks, which under CPython is none."""
        if self.blocked is not None:
            raise self.blocked

    @contextmanager
    def blocking(self, error: type[Exception]) -> Iterator[None]:
        """Have a switch raise an exception: what is behind it is not reached."""
        self.blocked = error
        try:
            yield
        finally:
            self.blocked = None

    def run(self, env: Env) -> Env:
        """Make an environment the one that has entered the kernel."""
        self.preempt()
        sched.activate(env)
        return env

    def preempt(self) -> None:
        """Take the CPU away from whoever has it."""
        address = memory.read(CPU + 32, 8)
        if address != 0:
            env = Env.at(address)
            env.cpu = NO_CPU
            if env.state == RUNNING:
                env.state = READY
            memory.write(CPU + 32, 8, 0)

    def stop(self) -> None:
        """Let no environment be the current one."""
        self.preempt()

    def free(self) -> int:
        """Return how many frames are free."""
        return int(kalloc.frames.count)

    def close(self) -> None:
        """Make everything as it was before."""
        self._models.close()
        self._restore()
