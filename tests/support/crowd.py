"""Many people doing something at the same moment."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from threading import Barrier

from werkzeug.test import TestResponse

from app.identity.models import Person
from tests.support.client import ApiClient
from tests.support.refusals import refusal

PATIENCE = 5  # times: the machine of a test may be busy with others

Deed = Callable[[ApiClient], TestResponse]


class Crowd:
    """Runs deeds in threads that start together, each with a client of its own.

    Whoever is told that it is too busy just now asks again, as the mini-program and a person do.
    """

    def __init__(self, api: ApiClient, *, threads: int) -> None:
        self._api = api
        self._threads = threads

    def sign_in(self, *people: Person) -> None:
        """Beforehand, so that the deeds race and the sign-ins do not."""
        for person in people:
            self._api.get("/me", as_=person)

    def at_once(self, deeds: Sequence[Deed], *, patient: bool = True) -> list[TestResponse]:
        """The answers, in the order of the deeds; if not `patient`, those that come first."""
        width = min(self._threads, len(deeds))
        start = Barrier(width)

        def act(numbered: tuple[int, Deed]) -> TestResponse:
            number, deed = numbered
            client = self._api.another()
            if number < width:
                start.wait(timeout=20)
            answer = deed(client)
            for _ in range(PATIENCE if patient else 0):
                if not _is_busy(answer):
                    break
                answer = deed(client)
            return answer

        with ThreadPoolExecutor(width) as pool:
            return list(pool.map(act, enumerate(deeds)))


def outcomes(answers: Sequence[TestResponse]) -> Counter[str]:
    """How often each thing was answered: `created`, or the code of a refusal."""
    return Counter(
        "created" if answer.status_code == 201 else refusal(answer)[1] for answer in answers
    )


def _is_busy(answer: object) -> bool:
    """Whether it is an answer that says so; a deed may answer anything."""
    return (
        isinstance(answer, TestResponse)
        and answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        and "Retry-After" in answer.headers
    )
