"""`exotool test` on small projects, as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.testing.bundle import read_bundle
from tests.conftest import REPOSITORY, CommandLine
from tests.launch.test_process import eventually, is_running
from tests.testing.conftest import MakeProject

ONE = '[[test.boot]]\nname = "one"\n'


def events(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_a_matrix_passes(project: MakeProject, exotool: CommandLine) -> None:
    root = project("success", ONE + 'matrix = { machine = ["q35", "microvm"], smp = [1, 2], boot = ["seabios"] }\n')
    done = exotool("--json", "test", "--suite", "boot", cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    *tests, summary = events(done.stdout)
    assert sorted(str(test["name"]) for test in tests) == [
        "one[machine=microvm,boot=seabios,smp=1]",
        "one[machine=microvm,boot=seabios,smp=2]",
        "one[machine=q35,boot=seabios,smp=1]",
        "one[machine=q35,boot=seabios,smp=2]",
    ]
    assert (summary["passed"], summary["failed"], summary["errors"]) == (4, 0, 0)


@pytest.mark.slow
def test_shards_share_the_matrix(project: MakeProject, exotool: CommandLine) -> None:
    root = project("success", ONE + 'matrix = { smp = [1, 2, 3, 4, 5], cpu = ["max", "qemu64"] }\n')
    whole = exotool("test", "--list", "--suite", "boot", cwd=root).stdout.splitlines()
    parts = [exotool("test", "--list", "--shard", f"{i}/3", cwd=root).stdout.splitlines() for i in (1, 2, 3)]
    assert len(whole) == 10
    assert sorted(name for part in parts for name in part) == sorted(whole)
    assert {len(part) for part in parts} == {3, 4}


@pytest.mark.slow
def test_a_failure_has_a_bundle_that_is_replayed(project: MakeProject, exotool: CommandLine) -> None:
    root = project("panic", ONE + 'append = "x=1"\n')
    arguments = ("--junit", "report.xml", "--json-report", "report.json", "--github", "--durations", "1")
    done = exotool("test", "--suite", "boot", *arguments, cwd=root)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("failed one ")
    assert lines[1] == "    expected success, got panic: the fourth level was reached"
    assert "::error title=one::expected success, got panic: the fourth level was reached" in lines
    assert lines[-1].startswith("boots: 0 passed, 1 failed, in ")
    bundle = root / "build" / "failures" / "one"
    assert f"  replay: exotool run --replay {bundle.relative_to(root)}" in lines
    assert sorted(path.name for path in bundle.iterdir()) == [
        *("boot.json", "command.txt", "image.elf", "manifest.json", "outcome.json", "report.txt", "serial.log")
    ]
    assert "panic: the fourth level" in (bundle / "serial.log").read_text()
    assert str(root) not in (bundle / "boot.json").read_text()
    suite = ET.parse(root / "report.xml").getroot()[0]
    assert suite.get("failures") == "1"
    assert suite[0][0].get("message") == "expected success, got panic: the fourth level was reached"
    assert json.loads((root / "report.json").read_text())["tests"][0]["bundle"] == "build/failures/one"
    moved = root.parent / "elsewhere"
    bundle.rename(moved)
    again = exotool("run", "--replay", moved, cwd=root.parent)
    assert again.returncode == 3, again.stderr
    assert "replay: this is the same outcome\n" in again.stderr
    (moved / "boot.json").write_text("{}")
    assert "error[T0112]" in exotool("run", "--replay", moved, cwd=root.parent).stderr


@pytest.mark.slow
def test_expected_failures_pass_and_unexpected_success_fails(project: MakeProject, exotool: CommandLine) -> None:
    root = project("panic", ONE + 'outcome = "panic"\ncontains = ["^panic: ", "#0 0x"]\nabsent = ["ok"]\n')
    assert exotool("test", "--suite", "boot", cwd=root).returncode == 0
    text = (root / "exotool.toml").read_text()
    (root / "exotool.toml").write_text(text.replace('"#0 0x"', '"^panic: "').replace('["ok"]', '["fourth"]'))
    done = exotool("test", "--suite", "boot", cwd=root)
    assert done.returncode == 1
    assert "no line matches `^panic: ` behind the line before" in done.stdout
    assert "a line matches `fourth`: panic: the fourth level was reached" in done.stdout


def test_the_guests_own_tests_are_results(project: MakeProject, exotool: CommandLine) -> None:
    root = project("ktap", ONE + 'outcome = "tests_failed"\n')
    done = exotool("--json", "test", "--suite", "boot", "--junit", "j.xml", cwd=root)
    assert done.returncode == 1
    (test, _) = events(done.stdout)
    assert test["problems"] == ["scheduler: not ok"]
    assert test["cases"] == [
        {"name": "allocator", "status": "passed", "message": ""},
        {"name": "scheduler", "status": "failed", "message": "not ok"},
        {"name": "ipc", "status": "skipped", "message": "one CPU"},
    ]
    suite = ET.parse(root / "j.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "2", "1")


def test_a_boot_for_each_test_of_the_guest(project: MakeProject, exotool: CommandLine) -> None:
    root = project("ktap", ONE + 'outcome = "tests_failed"\nisolate = true\n')
    names = exotool("test", "--list", "--suite", "boot", cwd=root).stdout.splitlines()
    assert names == ["one/allocator", "one/scheduler", "one/ipc"]


def test_a_guest_that_lists_nothing(project: MakeProject, exotool: CommandLine) -> None:
    root = project("success", ONE + "isolate = true\n")
    done = exotool("test", "--suite", "boot", cwd=root)
    assert done.returncode == 1
    assert "    the guest did not list its tests when `exotool.tests=list` was on its command line\n" in done.stdout


@pytest.mark.slow
def test_a_dialogue(project: MakeProject, exotool: CommandLine) -> None:
    steps = '[[test.boot.step]]\nexpect = "echo> $"\nsend = "abc"\n[[test.boot.step]]\nexpect = "abc$"\nsend = "q"\n'
    root = project("echo", ONE + steps)
    done = exotool("test", "--suite", "boot", cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    text = (root / "exotool.toml").read_text().replace('"abc$"', '"abd"\ntimeout = 0.5')
    (root / "exotool.toml").write_text(text)
    done = exotool("test", "--suite", "boot", cwd=root)
    assert done.returncode == 1
    assert "step 2: 'abd' was not printed within 0.5 s" in done.stdout


@pytest.mark.slow
def test_retries_repeats_and_fail_fast(project: MakeProject, exotool: CommandLine) -> None:
    root = project("tests_failed", ONE + '[[test.boot]]\nname = "two"\n')
    done = exotool("--json", "test", "--suite", "boot", "--retry-failed", "2", "--boot-test", "o*", cwd=root)
    assert [event.get("attempts") for event in events(done.stdout)] == [3, None]
    done = exotool("--json", "test", "--suite", "boot", "--repeat", "3", "--boot-test", "one", cwd=root)
    assert sorted(str(event.get("name")) for event in events(done.stdout)[:-1]) == ["one#1", "one#2", "one#3"]
    done = exotool("--json", "test", "--suite", "boot", "--repeat", "50", "--fail-fast", "-j", "1", cwd=root)
    assert done.returncode == 1
    assert len(events(done.stdout)) == 2


def test_a_flaky_test_passes_and_is_told() -> None:
    from concurrent.futures import Future

    from exotool.expectations import BootTest
    from exotool.launch import BootOptions, Machine
    from exotool.testing.plan import Job
    from exotool.testing.report import github_annotations, result_line
    from exotool.testing.runner import Rules, run_all
    from exotool.testing.worker import Result

    class Pool:
        submitted = 0

        def submit(self, job: Job) -> Future[Result]:
            self.submitted += 1
            future: Future[Result] = Future()
            future.set_result(Result(job.name, "passed" if self.submitted == 3 else "failed", (), 1.0))
            return future

        def stop(self) -> None:
            raise AssertionError

    job = Job("j", BootTest("j"), BootOptions(Path("k"), Machine("m", "q35")))
    (result,) = run_all([job], Pool(), Rules(retries=5), lambda _, result: result)
    assert (result.status, result.attempts, result.is_flaky) == ("passed", 3, True)
    assert result_line(result) == "passed j 1.00 s, flaky: passed at attempt 3"
    assert github_annotations([result]) == ["::warning title=j::passed only at attempt 3"]


@pytest.mark.slow
def test_errors_of_usage(project: MakeProject, exotool: CommandLine) -> None:
    root = project("success", ONE)
    for arguments, code in (
        (("--shard", "3/2"), "P0206"),
        (("--shard", "x"), "P0206"),
        (("--boot-test", "two"), "P0207"),
        (("--machine", "nope"), "P0201"),
        (("--memory", "17"), "P0203"),
    ):
        done = exotool("test", "--suite", "boot", *arguments, cwd=root)
        assert done.returncode == 2, done.stderr
        assert f"error[{code}]" in done.stderr


def test_without_qemu_there_is_one_error(project: MakeProject, exotool: CommandLine) -> None:
    root = project("success", ONE + "matrix = { smp = [1, 2] }\n")
    done = exotool("test", "--suite", "boot", cwd=root, PATH=str(root))
    assert done.returncode == 127
    assert done.stderr.count("error[R0201]") == 1


@pytest.mark.slow
def test_a_full_disk_under_a_bundle(project: MakeProject, exotool: CommandLine) -> None:
    root = project("panic", ONE)
    (root / "full").write_text("no folder")
    done = exotool("test", "--suite", "boot", "--bundles", "full", cwd=root)
    assert done.returncode == 1
    assert "error[T0105]: cannot write `full/one/" in done.stderr


@pytest.mark.slow
def test_a_full_disk_leaves_no_half_of_a_report_or_bundle(project: MakeProject, exotool: CommandLine) -> None:
    """As far as that can be told by a limit on the size of files: neither gets its name."""
    root = project("panic", ONE)
    assert exotool("link", cwd=root).returncode == 0
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400)); "
    limited += "from exotool.__main__ import main; main()"
    for report in ("--junit", "--json-report"):
        arguments = ["test", "--suite", "boot", report, "report", "--bundles", "bundles"]
        done = subprocess.run(
            [sys.executable, "-c", limited, *arguments],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 1
        assert "error[T0105]: cannot write `" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (root / "report").exists()
        assert not list(root.glob("bundles/*"))
        assert not list(root.rglob("*.tmp"))


@pytest.mark.slow
def test_a_tool_that_is_killed_leaves_no_process_and_no_report(project: MakeProject) -> None:
    root = project("flood", ONE + "timeout = 300\n")
    reports = ["--junit", "all.xml", "--json-report", "all.json"]
    tool = subprocess.Popen(
        [sys.executable, "-m", "exotool", "test", "--suite", "boot", "-j", "2", "--repeat", "4", *reports],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: len(guests(tool.pid)) == 2, "the boots have not begun")
        started = guests(tool.pid)
        before = sorted(path for path in root.rglob("*") if path.is_file())
    finally:
        tool.kill()
        tool.wait(60)
    eventually(lambda: not any(map(is_running, started)), "QEMU is still there")
    assert sorted(path for path in root.rglob("*") if path.is_file()) == before
    assert not (root / "all.xml").exists()
    assert not (root / "all.json").exists()


def test_a_bundle_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    (tmp_path / "boot.json").write_text("{}")
    with pytest.raises(ToolError) as caught:
        read_bundle(tmp_path)
    assert caught.value.diagnostics[0].code == "T0101"
    (tmp_path / "manifest.json").write_text(json.dumps({"files": {"boot.json": "0" * 64}}))
    with pytest.raises(ToolError, match=r"`boot\.json` is not what its manifest says"):
        read_bundle(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"files": {"../boot.json": "0" * 64}}))
    with pytest.raises(ToolError, match="is not what its manifest says"):
        read_bundle(tmp_path)


def test_no_tests_at_all(project: MakeProject, exotool: CommandLine) -> None:
    assert exotool("test", cwd=project("success", "")).returncode == 5


def test_a_broken_image_is_an_error_of_its_test(project: MakeProject, exotool: CommandLine) -> None:
    root = project("success", ONE + 'matrix = { cpu = ["nonesuch", "max"] }\n')
    done = exotool("--json", "test", "--suite", "boot", cwd=root)
    assert done.returncode == 1
    found = {event["name"]: event["status"] for event in events(done.stdout)[:-1]}
    assert found == {"one[cpu=nonesuch]": "error", "one[cpu=max]": "passed"}


@pytest.mark.slow
def test_pytest_and_boots_are_one_verdict_and_one_report(project: MakeProject, exotool: CommandLine) -> None:
    root = project("success", ONE)
    (root / "tests").mkdir()
    (root / "tests" / "test_it.py").write_text("def test_good(): pass\ndef test_bad(): assert False\n")
    done = exotool("test", "--junit", "all.xml", "-j", "1", cwd=root)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "boots: 1 passed" in done.stdout
    suites = ET.parse(root / "all.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["one", "pytest"]
    assert (suites.get("tests"), suites.get("failures")) == ("3", "1")
    alone = exotool("test", "-k", "good", "-n", "0", cwd=root)
    assert alone.returncode == 0, alone.stdout + alone.stderr
    assert "boots:" not in alone.stdout


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_boots(project: MakeProject, number: signal.Signals) -> None:
    root = project("flood", ONE + "timeout = 300\n")
    tool = subprocess.Popen(
        [sys.executable, "-m", "exotool", "test", "--suite", "boot", "-j", "2", "--repeat", "4"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        end = time.monotonic() + 60
        while len(guests(tool.pid)) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        started = guests(tool.pid)
        assert len(started) == 2
        tool.send_signal(number)
        assert tool.wait(60) == 130
    finally:
        tool.kill()
        tool.communicate()
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)


def guests(pid: int) -> list[int]:
    """Return the processes of QEMU that a process has started."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return [child for child in found if Path(f"/proc/{child}/comm").read_text().startswith("qemu")]
