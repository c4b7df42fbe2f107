"""Second and third tries: only of what was not looked at, and not beyond the deadline."""

import itertools
import random
from time import monotonic, sleep
from typing import Any

from tfseq.serving.errors import RETRIED, ServingError

FIRST_WAIT = 0.05  # seconds
LONGEST_WAIT = 5.0


class Deadline:
    """A moment after which nobody waits for the answer.

    Args:
        where: The model, for the error.
        seconds: From now on.
    """

    def __init__(self, where, seconds):
        if not seconds > 0:
            raise ValueError(f"`timeout` must be above 0 seconds. Received: timeout={seconds!r}")
        self.where = where
        self.seconds = seconds
        self.end = monotonic() + seconds

    def left(self):
        """The seconds until then; raises `ServingError` where there are none."""
        left = self.end - monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self):
        """The error of an answer that came too late."""
        message = f"no answer within {self.seconds:.3g} seconds"
        return ServingError(self.where, "DEADLINE_EXCEEDED", message)


def retried(attempt, deadline, attempts) -> Any:
    """The value of `attempt(deadline)`, tried again where the error allows it.

    The waits between tries are drawn from [0, w] with w = 0.05, 0.1, 0.2, ... seconds and at most
    five: many clients that failed together do not come back together.

    Args:
        attempt: A function of the deadline.
        deadline: The `Deadline` of all attempts together.
        attempts: How many there may be.

    Raises:
        ServingError: The last attempt's, or `DEADLINE_EXCEEDED`.
    """
    for number in itertools.count(1):
        try:
            deadline.left()
            return attempt(deadline)
        except ServingError as error:
            wait = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2 ** (number - 1)))
            if error.code not in RETRIED or number == attempts or wait >= deadline.left():
                raise
            sleep(wait)
