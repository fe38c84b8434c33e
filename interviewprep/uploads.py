"""Pages that take a file: everywhere else a file is refused before its first byte is read.

A view says so with `takes_files`, below the decorator that asks who is there: nothing of a file is read for a stranger.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_protect

from interviewprep.http import Request


class BoundedUpload(TemporaryFileUploadHandler):
    """Keeps a file on disk while it arrives, and gives it up as soon as it is larger than an import may be."""

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.received = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > settings.IMPORT_MAX_BYTES:
            # The rest is read and thrown away, so that the browser hears the answer.
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        return None if self.received > settings.IMPORT_MAX_BYTES else super().file_complete(file_size)

    @property
    def is_too_large(self) -> bool:
        return self.received > settings.IMPORT_MAX_BYTES


def takes_files(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the forms of `view` bring files, and check their token here, once it is known how to receive them.

    The view as a whole must be `csrf_exempt`: the check in the middleware comes before anybody could say so.
    """
    protected = csrf_protect(view)

    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        request.upload_handlers = [BoundedUpload(request)]
        return protected(request, *args, **kwargs)

    return wrapper


def was_too_large(request: Request) -> bool:
    """Whether a file of this request was given up. Ask once the form has been read."""
    return any(isinstance(handler, BoundedUpload) and handler.is_too_large for handler in request.upload_handlers)
