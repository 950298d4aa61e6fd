"""Evaluates arithmetic expressions."""

from . import lexer, parser
from .evaluator import evaluate

__version__ = "0.3"
