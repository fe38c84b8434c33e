"""`python -m benchmarks.crowd [--candidates 1000] [--every 5] [--seconds 120]`: measure on servers of its own.

Where the crowd is too large for a 95th percentile below 250 ms, the largest one that is not is looked for.
"""

import sys

from benchmarks.crowd.options import read
from benchmarks.throwaway import run_beside_servers

# Seating, and a search of up to ten runs.
SET_UP_SECONDS, RUNS = 300.0, 12

if __name__ == "__main__":
    seconds = read(sys.argv[1:]).seconds
    limit_seconds = SET_UP_SECONDS + RUNS * (seconds + 30)
    sys.exit(run_beside_servers("benchmarks.crowd.measure", sys.argv[1:], limit_seconds=limit_seconds))
