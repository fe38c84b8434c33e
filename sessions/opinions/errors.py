"""Why there is no opinion: one exception, in words for the operator."""


class NoOpinionError(Exception):
    """The endpoint gave no usable reply. The message is short, and has neither the key nor a word of the reply.

    `again` says whether trying later may help, `is_spent` whether tokens may have been used, `status` is the HTTP
    status, 0 where there was none.
    """

    def __init__(self, message: str, *, again: bool = False, is_spent: bool = True, status: int = 0) -> None:
        super().__init__(message)
        self.again = again
        self.is_spent = is_spent
        self.status = status


class RefusedByModelError(NoOpinionError):
    """The model answered, and would not say."""
