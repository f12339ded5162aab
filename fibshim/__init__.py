"""fibshim: run scripts written for fibjs on Python."""

__version__ = "0.1.0"
