"""Views of interview sessions, one module a page. Thin: rules live in `lifecycle.py` and its neighbours."""
