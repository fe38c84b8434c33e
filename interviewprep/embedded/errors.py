"""What can go wrong in the stack, as exceptions whose text is all that the person at the terminal sees."""


class StackError(Exception):
    """The stack cannot go on; the message says why and what to do, in whole sentences."""


class StopRequested(Exception):  # a request, not an error
    """Someone asked the stack to stop (Ctrl-C, SIGTERM, SIGHUP) while it waited for something."""
