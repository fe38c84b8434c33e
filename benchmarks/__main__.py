"""`python -m benchmarks [--json]`: measure on servers of its own in a temporary folder, and remove them afterwards.

Standard output is the table's alone.
"""

import sys

from benchmarks.throwaway import run_beside_servers

LIMIT_SECONDS = 300.0

if __name__ == "__main__":
    sys.exit(run_beside_servers("benchmarks.measure", sys.argv[1:], limit_seconds=LIMIT_SECONDS))
