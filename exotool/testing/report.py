"""Results -> JUnit XML, JSON, annotations for GitHub, and lines for people."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from typing import Any, Final

from exotool.diagnostics import JSON_SCHEMA
from exotool.testing.worker import Result

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_ANNOTATIONS: Final = 10
"""GitHub shows no more of a kind for one step."""


def counts(results: Iterable[Result]) -> dict[str, int]:
    """Return how many jobs passed, failed, could not run, and were flaky."""
    found = list(results)
    return {
        "passed": sum(result.status == "passed" for result in found),
        "failed": sum(result.status == "failed" for result in found),
        "errors": sum(result.status == "error" for result in found),
        "flaky": sum(result.is_flaky for result in found),
    }


def result_json(result: Result) -> dict[str, Any]:
    """Return a result as plain data, without the serial line."""
    return {
        "schema": JSON_SCHEMA,
        "type": "test",
        "name": result.name,
        "status": result.status,
        "flaky": result.is_flaky,
        "attempts": result.attempts,
        "seconds": round(result.seconds, 3),
        "problems": list(result.problems),
        "cases": [{"name": case.name, "status": case.status, "message": case.message} for case in result.cases],
        "outcome": result.outcome.get("outcome"),
        "bundle": result.bundle,
    }


def summary_json(results: Sequence[Result], seconds: float) -> dict[str, Any]:
    """Return the end of a `--json` run, or with `tests` the whole of a report."""
    return {"schema": JSON_SCHEMA, "type": "summary", **counts(results), "seconds": round(seconds, 3)}


def result_line(result: Result) -> str:
    """Return one line: `passed selftest[machine=pc] 0.12 s, 5 tests of the guest`."""
    extra = ""
    if result.cases:
        extra += f", {len(result.cases)} test{'s' * (len(result.cases) != 1)} of the guest"
    if result.is_flaky:
        extra += f", flaky: passed at attempt {result.attempts}"
    return f"{result.status} {result.name} {result.seconds:.2f} s{extra}"


def junit(results: Sequence[Result], others: Sequence[ET.Element] = ()) -> bytes:
    """Return the results as JUnit XML: a suite a boot, with the guest's tests as its cases; then `others`' suites."""
    root = ET.Element("testsuites", name="exotool test")
    for result in results:
        root.append(_suite(result))
    root.extend(others)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(result: Result) -> ET.Element:
    suite = ET.Element("testsuite", name=_xml(result.name))
    boot = ET.SubElement(suite, "testcase", classname=_xml(result.name), name="boot", time=f"{result.seconds:.3f}")
    if result.status != "passed":
        kind = "failure" if result.status == "failed" else "error"
        message = result.problems[0] if result.problems else result.status
        text = "\n".join([*result.problems, "", result.report])
        ET.SubElement(boot, kind, message=_xml(message)).text = _xml(text)
        ET.SubElement(suite, "system-out").text = _xml("\n".join(result.lines))
    for case in result.cases:
        element = ET.SubElement(suite, "testcase", classname=_xml(result.name), name=_xml(case.name), time="0")
        if case.status == "failed":
            ET.SubElement(element, "failure", message=_xml(case.message)).text = _xml("\n".join(case.output))
        elif case.status == "skipped":
            ET.SubElement(element, "skipped", message=_xml(case.message))
    suite.set("tests", str(1 + len(result.cases)))
    suite.set("failures", str((result.status == "failed") + sum(c.status == "failed" for c in result.cases)))
    suite.set("errors", str(int(result.status == "error")))
    suite.set("skipped", str(sum(c.status == "skipped" for c in result.cases)))
    suite.set("time", f"{result.seconds:.3f}")
    return suite


def pytest_suites(xml: bytes) -> list[ET.Element]:
    """Return the suites of a JUnit file that pytest wrote; none when it wrote something else."""
    try:
        return list(ET.fromstring(xml).iter("testsuite"))  # noqa: S314 -- pytest wrote it just now
    except ET.ParseError:
        return []


def _xml(text: str) -> str:
    """Replace what XML 1.0 cannot have."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def github_annotations(results: Iterable[Result]) -> list[str]:
    """Return GitHub's workflow commands for what did not pass, and warnings for what was flaky."""
    lines = []
    for result in results:
        if result.status != "passed":
            lines.append(f"::error title={_property(result.name)}::{_data('; '.join(result.problems))}")
        elif result.is_flaky:
            lines.append(f"::warning title={_property(result.name)}::passed only at attempt {result.attempts}")
    return lines[:MAX_ANNOTATIONS]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
