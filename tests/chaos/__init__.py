"""The proof under fire: candidates sit interviews while every service is killed in turn, and SQL looks for losses.

`python -m tests.chaos` starts the whole stack in a temporary folder. Only `test_checks.py` belongs to the suite: it
shows that each check can fail.
"""
