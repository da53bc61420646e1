"""How far a long cell is, in its own words: public numbers that a view may draw."""

import time
from dataclasses import dataclass, field

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """done of `of` steps are there, and the plan that runs now leads to `soon`.

    points: what was opened on the way, as (step, value); what: their name. since, at: when `start`
    steps were done, and when this was said, for the time that is left.
    """

    done: int
    of: int
    soon: int = 0
    text: str = ""
    points: Points = ()
    what: str = "loss"
    start: int = 0
    since: float = 0.0
    at: float = field(default_factory=time.monotonic)

    def steps(self, part: float) -> float:
        """Steps done, when this part of the plan that runs now has run."""
        return self.done + max(self.soon - self.done, 0) * min(max(part, 0.0), 1.0)

    def left(self, part: float, now: float) -> float | None:
        """Seconds to the end at the pace since `since`; None while there is no pace yet."""
        done = self.steps(part)
        if done <= self.start or now <= self.since:
            return None
        return (now - self.since) / (done - self.start) * (self.of - done)
