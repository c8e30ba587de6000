"""A run's findings as a table for people and as JSON for scripts. Knows no network."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from liveroom.conformance.duties import DUTIES, Requirement
from liveroom.conformance.findings import Finding, Findings, Verdict

MARKS = {
    Verdict.PASSED: "[green]passed[/green]",
    Verdict.REMARK: "[yellow]remark[/yellow]",
    Verdict.FAILED: "[bold red]failed[/bold red]",
    Verdict.NOT_APPLICABLE: "[dim]not applicable[/dim]",
}


def show(findings: Findings, console: Console) -> None:
    """Duty by duty; below each what was expected and seen where it is not simply passed."""
    if findings.unreachable:
        for sentence in findings.unreachable:
            console.print(_plain(sentence), style="bold red", highlight=False)
        console.print("Nothing was checked.")
        return
    table = Table("duty", "", "verdict", show_lines=False, box=None, pad_edge=False)
    for duty in DUTIES:
        table.add_row(duty.number, f"[bold]{duty.title}[/bold]", MARKS[findings.verdict(duty)])
        for requirement in duty.requirements:
            for finding in _worth_telling(findings.of(requirement)):
                table.add_row("", _words(requirement, finding), MARKS[finding.verdict])
    console.print(table)
    failed = findings.failed
    if failed:
        console.print(f"\n[bold red]{len(failed)} of {len(DUTIES)} duties failed:[/bold red] {', '.join(failed)}")
    else:
        passed = sum(findings.verdict(duty) is Verdict.PASSED for duty in DUTIES)
        console.print(f"\n[green]No duty failed; {passed} of {len(DUTIES)} passed.[/green]")


def _worth_telling(found: list[Finding]) -> list[Finding]:
    """All that is not passed; what is not applicable only when nothing else could be said."""
    spoken = [finding for finding in found if finding.verdict in {Verdict.FAILED, Verdict.REMARK}]
    silent = all(finding.verdict is Verdict.NOT_APPLICABLE for finding in found)
    return spoken or (found[:1] if silent else [])


def _words(requirement: Requirement, finding: Finding) -> str:
    where = f"{finding.where}: " if finding.where else ""
    if finding.verdict is Verdict.NOT_APPLICABLE:
        return _plain(f"{requirement.words} – {where}{finding.seen}")
    words = f"{requirement.level} ({requirement.source}): {requirement.words}\n{where}seen: {finding.seen}"
    return _plain(words)


def _plain(words: str) -> str:
    return words.replace("[", "\\[")


def as_json(findings: Findings) -> str:
    """One object: `unreachable` (sentences), `failed` (numbers of duties), `duties` with everything that was found."""
    duties: list[dict[str, Any]] = [
        {
            "duty": duty.number,
            "title": duty.title,
            "verdict": findings.verdict(duty),
            "requirements": [
                {
                    "key": requirement.key,
                    "level": requirement.level,
                    "source": requirement.source,
                    "expected": requirement.words,
                    "findings": [
                        {"where": finding.where, "verdict": finding.verdict, "seen": finding.seen}
                        for finding in findings.of(requirement)
                    ],
                }
                for requirement in duty.requirements
            ],
        }
        for duty in DUTIES
    ]
    return json.dumps(
        {"unreachable": findings.unreachable, "failed": findings.failed, "duties": duties}, ensure_ascii=False
    )
