"""A crowd: as many candidates as an installation may have at once, each saving as often as somebody who types.

Where `make bench` asks what an action costs, this asks how long people wait for it. README.md says how to read it.
"""
