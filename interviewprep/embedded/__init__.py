"""The local stack: PostgreSQL, Valkey, web, worker and beat on one machine with nothing installed but Python.

This package owns starting, watching and stopping those processes and the folder that holds their data. It uses
the standard library only, because it runs before anything else works, and it must never be imported by the
application: a production installation starts its own servers and does not need it.
"""
