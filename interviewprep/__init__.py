"""The project: settings, URLs, the Celery application and helpers that belong to no single app."""
