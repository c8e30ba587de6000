"""liveroom: the deputies' live broadcast room."""

__version__ = "0.1.0"
