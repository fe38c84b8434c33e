"""How well a text grader agrees with people, resists deceit and fits the shipped bank: figures for those who tune it.

Pure: files and contents come in, numbers go out. Never touches the database, and nothing of the application uses it.
"""
