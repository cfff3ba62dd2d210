"""What a user or a client can cause, and what she is told of it."""


class UserError(Exception):
    """One clear line: what was wrong, where, what to do. Every surface shows it as it is."""
