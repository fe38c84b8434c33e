"""The bank's pages for curators: find, read, write, review and repair questions."""
