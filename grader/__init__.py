"""Grades AI projects in Docker against an instructor's pytest suite."""

__version__ = "0.1.0"
