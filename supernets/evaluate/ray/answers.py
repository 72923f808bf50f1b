"""What a worker answers, or that it is gone: Ray's many ways of saying so become one."""

from __future__ import annotations

import re
from typing import Any

from common.errors import UserError


class Lost(Exception):
    """A worker's process or its node is gone; says why, as far as Ray knows."""


def fetch(reference: Any) -> Any:
    """
    Raises:
        Lost: whoever was asked is gone.
        UserError: as it was raised there.
    """
    import ray
    from ray.exceptions import ActorUnavailableError, RayError, RayTaskError

    try:
        return ray.get(reference)
    except RayTaskError as error:
        if isinstance(error.cause, UserError):
            raise error.cause from None
        raise
    except ActorUnavailableError:
        raise Lost("it does not answer") from None
    except RayError as error:
        # Pages of advice, in which the cause is in the middle or at the end.
        cause = re.search(r"because (.*?)\.\s", f"{error} ")
        raise Lost(cause[1] if cause else str(error).strip().splitlines()[-1]) from None
