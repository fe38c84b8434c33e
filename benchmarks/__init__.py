"""Measurements of speed and load; README.md says how to read them. Nothing in the product imports this package."""
