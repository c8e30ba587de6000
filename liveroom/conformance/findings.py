"""What was found of each requirement, and what follows for its duty. Knows no network and no layout."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from liveroom.conformance.duties import DUTIES, REQUIREMENTS, Duty, Level, Requirement


class Verdict(StrEnum):
    PASSED = "passed"
    REMARK = "remark"
    """A SHOULD that is not met: no failure, unless one asks for strictness."""
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One look at one requirement. `where` is whip, whep or empty; `seen` is what was seen, or why nothing was."""

    where: str
    verdict: Verdict
    seen: str


@dataclass(slots=True)
class Findings:
    """All findings of a run, by requirement; `unreachable` says which endpoint gave no answer at all, and why."""

    strict: bool = False
    unreachable: list[str] = field(default_factory=list)
    _by_key: dict[str, list[Finding]] = field(default_factory=dict)

    def judge(self, key: str, where: str, met: bool, seen: str) -> None:
        """Note whether a requirement is met, and what was seen."""
        level = REQUIREMENTS[key].level
        if met:
            verdict = Verdict.PASSED
        elif level is Level.MAY:
            verdict = Verdict.NOT_APPLICABLE
        else:
            verdict = Verdict.FAILED if level is Level.MUST or self.strict else Verdict.REMARK
        self._by_key.setdefault(key, []).append(Finding(where, verdict, seen))

    def skip(self, keys: str, where: str, why: str) -> None:
        """Note why nothing can be said of a requirement, or of those of a whole duty that were not looked at yet."""
        for key in REQUIREMENTS:
            if keys in {key, REQUIREMENTS[key].duty} and not any(f.where == where for f in self._by_key.get(key, [])):
                self._by_key.setdefault(key, []).append(Finding(where, Verdict.NOT_APPLICABLE, why))

    def of(self, requirement: Requirement) -> list[Finding]:
        return self._by_key.get(requirement.key) or [Finding("", Verdict.NOT_APPLICABLE, "it could not be looked at")]

    def verdict(self, duty: Duty) -> Verdict:
        """Failed when one of its requirements is; not applicable when nothing could be said of any."""
        found = {finding.verdict for requirement in duty.requirements for finding in self.of(requirement)}
        return next((v for v in (Verdict.FAILED, Verdict.REMARK, Verdict.PASSED) if v in found), Verdict.NOT_APPLICABLE)

    @property
    def failed(self) -> list[str]:
        """Numbers of the duties that failed."""
        return [duty.number for duty in DUTIES if self.verdict(duty) is Verdict.FAILED]

    @property
    def good(self) -> bool:
        """Whether the server could be reached, and no duty failed."""
        return not self.failed and not self.unreachable
