from crateline.sandbox.eagle.library import Library
from crateline.sandbox.eagle.service import app

__all__ = ["Library", "app"]
