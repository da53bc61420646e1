"""python -m tests.golden: rewrite the stored transcripts and costs."""

from tests.golden import write

write()
