"""ExoV6 through the fixtures that exotool gives to every project's tests."""

from __future__ import annotations

from pathlib import Path

from exotool.launch.guest import Guest
from exotool.testing.plugin import Boot
from tests.boot.exov6 import CHECKS


def test_the_checks_come_one_after_the_other(guest: Guest) -> None:
    for check in CHECKS:
        guest.expect(rf"(?m)^{check}: .+$")
    assert guest.wait().kind == "success"


def test_a_guest_that_spins_answers_on_qmp(boot: Boot, kernel: Path) -> None:
    assert kernel.name == "kernel.elf"
    with boot(append="exov6.fault=spin", machine="microvm", hang_after=0.0) as guest:
        guest.expect("MiB RAM")
        assert guest.qmp("query-status")["running"]
        registers = guest.qmp("human-monitor-command", command_line="info registers")
        assert "RIP=ffffffff80" in registers


def test_a_panic_in_a_guest(boot: Boot) -> None:
    outcome = boot(append="exov6.fault=panic", smp=2).wait()
    assert outcome.kind == "panic"
    assert outcome.backtrace[0].split()[2].startswith("fault_panic_inner")
