"""What stands where a constructor wants something that a test never comes to use: whoever touches it fails."""

from __future__ import annotations

from typing import Any

UNUSED: Any = None
