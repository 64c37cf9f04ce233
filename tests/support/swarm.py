"""Requests nobody thought of: all operations of the published document, well-formed and not."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.auths import AuthContext
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

DOCUMENT = "/api/openapi.json"
TOKENS_LAST = 40  # requests, so that a paused scanner is soon another one
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
)

A_FEW = 4
MANY = 50

Token = Callable[[], str]


@dataclass(slots=True)
class Findings:
    """What came of a run."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return self.answers.total()

    @property
    def statuses(self) -> dict[int, int]:
        found: Counter[int] = Counter()
        for (_operation, status), count in self.answers.items():
            found[status] += count
        return dict(sorted(found.items()))

    @property
    def operations(self) -> set[str]:
        return {operation for operation, _status in self.answers}

    def take(self, event: events.ScenarioFinished) -> None:
        recorder = event.recorder
        for case_id, interaction in recorder.interactions.items():
            status = interaction.response.status_code if interaction.response else 0
            label = recorder.cases[case_id].value.operation.label
            self.answers[label, status] += 1
        for checks in recorder.checks.values():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    where = f"{event.label} {check.name} {failure.title}"
                    said = f"{failure.message}\n{check.failure_info.code_sample}"
                    self.failures.setdefault(where, said[:1500])


def swarm(app: Flask, *, token: Token, seconds: int) -> Findings:
    """Ask every operation a few things; or, for so many seconds, whatever comes to mind.

    `token` signs somebody in.
    """
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, app, config=_config(seconds))
    schema.auth(refresh_interval=None)(_signing(token))
    findings = Findings()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            findings.take(event)
        elif isinstance(event, events.NonFatalError):
            findings.errors.append(str(event.value))
        elif isinstance(event, events.FatalError):
            findings.errors.append(str(event.exception))
    return findings


def _signing(token: Token) -> type:
    """Who asks. A session that is being ended is nobody else's."""
    uses = itertools.count()
    kept = {"token": ""}

    class Signing:
        def get(self, case: Any, _context: AuthContext) -> str:
            if case.operation.method.lower() == "delete":
                return token()
            if next(uses) % TOKENS_LAST == 0:
                kept["token"] = token()
            return kept["token"]

        def set(self, case: Any, data: str, _context: AuthContext) -> None:
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"

    return Signing


def _config(seconds: int) -> SchemathesisConfig:
    checks: dict[str, Any] = {name: {"enabled": True} for name in CHECKS}
    config: dict[str, Any] = {
        "continue-on-failure": True,
        "checks": {"enabled": False, **checks},
        "generation": {"database": "none", "no-shrink": True, "max-examples": A_FEW},
        "phases": {"stateful": {"enabled": False}, "coverage": {"enabled": seconds > 0}},
    }
    if seconds > 0:
        config["max-time"] = seconds
        config["generation"]["max-examples"] = MANY
    return SchemathesisConfig.from_dict(config)
