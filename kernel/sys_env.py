"""System calls: environments. docs/syscalls.md."""

from exotool.lang import addressof, copy, i64, u32, u64
from kernel import caps
from kernel.abi.numbers import STATUS_KILLED
from kernel.captypes import ALL_RIGHTS, ENV, Capability
from kernel.env import NEW, NO_CPU, STOPPED, ZOMBIE, Env, enter_at, env_at
from kernel.errno import EBUSY, EDEADLK, EINVAL, EOWNERDEAD, ESRCH
from kernel.layout import USER_END
from kernel.life import env_new, env_resume, env_retire, env_stop, kill, reap_dead
from kernel.sched import ksleep, make_ready
from kernel.trapframe import TrapFrame


def sys_exit(me: Env, frame: TrapFrame, status: u64) -> i64:
    """End the caller."""
    kill(me, status)
    return 0


def sys_env_create(me: Env, zone: Capability | None) -> i64:
    """Make an environment, and a capability for it."""
    made = env_new(me.zone if zone is None else u32(zone.base))
    if made < 0:
        return made
    env = env_at(u32(made))
    ident = caps.cap_new(me.index, ENV, ALL_RIGHTS, u64(made), u64(made) + 1, me.zone)
    if ident < 0:
        kill(env, STATUS_KILLED)
        reap_dead()
    else:
        env.owned = 1
    return ident


def sys_env_start(me: Env, env: Env, rip: u64, rsp: u64, arg: u64) -> i64:
    """Let a new environment begin."""
    if env.state != NEW:
        return -EBUSY
    enter_at(env, rip, rsp, arg)
    make_ready(env)
    return 0


def sys_env_stop(me: Env, frame: TrapFrame, env: Env) -> i64:
    """Hold an environment."""
    if env.state == ZOMBIE:
        return -ESRCH
    env_stop(env)
    return 0


def sys_env_resume(me: Env, env: Env) -> i64:
    """Let a held environment go on."""
    return env_resume(env)


def sys_env_destroy(me: Env, frame: TrapFrame, env: Env) -> i64:
    """End an environment and forget it: no status is kept."""
    if env.state == ZOMBIE:
        return -ESRCH
    env.owned = 0
    kill(env, STATUS_KILLED)
    return 0


def sys_env_wait(me: Env, frame: TrapFrame, env: Env) -> i64:
    """Wait until an environment is dead, take its status and forget it."""
    if env.index == me.index:
        return -EDEADLK
    epoch = env.epoch
    while env.state != ZOMBIE:
        ksleep(addressof(env))
        if env.epoch != epoch:
            return -EOWNERDEAD
    status = env.status
    env_retire(env)
    return i64(status)


def sys_env_state(me: Env, env: Env) -> i64:
    """Tell what an environment does."""
    return env.state


def held(env: Env) -> bool:
    """Tell whether the registers of an environment can be seen and changed."""
    return env.state == STOPPED and env.cpu == NO_CPU


def sys_env_get(me: Env, env: Env, registers: TrapFrame) -> i64:
    """Copy the registers of a held environment."""
    if not held(env):
        return -EBUSY
    copy(registers, env.frame())
    return 0


def sys_env_set(me: Env, env: Env, registers: TrapFrame) -> i64:
    """Change the registers of a held environment."""
    if not held(env):
        return -EBUSY
    if registers.rip >= USER_END or registers.rsp > USER_END:
        return -EINVAL
    copy(env.frame(), registers)
    env.frame().for_user()
    return 0
