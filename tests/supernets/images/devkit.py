"""A `meta.mat` as ImageNet's devkit has it, for three classes; written with SciPy."""

from __future__ import annotations

import base64

META = base64.b64decode(
    "TUFUTEFCIDUuMCBNQVQtZmlsZSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
    "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAAAAAAAAAAAAABSU0PAAAAPQEAAHic42NgYDjBxsAARAwcQMzEAAGsUD4zEDNCMTsQ"
    "F1fmFaeWFAPlWRgEoeIdQOzpExwW5GxkYGgU7+kCMiDcD0LDQXl+UUoxskB6Tn4xikBeaW58ckZmTkpRah5YAIUDMyMvtSQ+IzUzPaMEqqWkKD"
    "EzLz4zNzE9tZiBDyhowIDwDzeafxiRMAiwAH0MYoP0OSDpY8GijxNJnwCUn2dgZGhoaW5hCRUHmWNBwBx2NHNA/OzMEoW0/Aqy9ScqQIITXT8b"
    "Af9zQsVhAD38sOlnQNOPzd/k2Eu2/oApDuTEOxMDZfFuYGBubIrkfkLm8KGZA+K75qXnZBZnKAAzVUlqEfnpZzT+SY9/ZgZK4t/QxMTA3MwEh/"
    "uxmcOKZg6IX5Kal5xBpH5ax7sDAf1MaPoF4Lo/2EMZDgOdDgBvkUup"
)
WNIDS = ("n02119789", "n02100735", "n01440764")
"""The devkit's classes 1, 2 and 3."""
