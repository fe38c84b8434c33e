"""Writing a question in the editor: what was typed, what is wrong with it, what is like it, and keeping it safe.

Nothing that is typed is ever lost: a working copy per person and question holds it, however incomplete, until it is
saved as a version. `questions.curating` writes the versions; this package never does so itself.
"""
