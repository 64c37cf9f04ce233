"""What every refusal of the API looks like."""

import re

from werkzeug.test import TestResponse

MEMBERS = {"type", "title", "status", "code", "detail", "request_id"}
SENTENCE = re.compile(r".*[\u4e00-\u9fff].*。", re.DOTALL)
CODE = re.compile(r"[a-z]+(_[a-z]+)*")


class Misshapen(AssertionError):
    """An answer that is no proper refusal."""


def refusal(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal; `Misshapen` unless it is problem details for a person."""
    if answer.content_type != "application/problem+json":
        raise Misshapen(f"{answer.status}: {answer.content_type} {answer.text[:200]}")
    said, replayed = answer.get_json(), "Idempotency-Replayed" in answer.headers
    flaws = {
        "its members": said.keys() - {"errors"} == MEMBERS,
        "status in head and body": said["status"] == answer.status_code,
        "the code's form": CODE.fullmatch(said["code"]),
        "a Chinese sentence": SENTENCE.fullmatch(said["detail"]),
        "the request's id": replayed or said["request_id"] == answer.headers["X-Request-ID"],
        "fields for a 422 alone": answer.status_code == 422 or "errors" not in said,
        "when to come back": answer.status_code not in {429, 503} or answer.headers["Retry-After"],
    }
    wrong = [name for name, right in flaws.items() if not right]
    if wrong:
        raise Misshapen(f"not right about {', '.join(wrong)}: {answer.text}")
    return answer.status_code, said["code"]
