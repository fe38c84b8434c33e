"""Bringing questions in from files: one module per format reads, the others here map, compare, store and undo."""
