"""The one exception family for what the person at the keyboard can put right: printed without a traceback."""


class UserError(Exception):
    """A mistake or a condition outside the program; says what was expected, what came, and what to do."""
