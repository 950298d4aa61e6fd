"""Makes rubric suites: small working ones to start from, and conversions of notebooks with solutions and tests. Pure.

A notebook goes in as bytes, a suite comes out as paths and bytes: nothing is executed.
"""

from grader.author.questions import Assignment, Note
from grader.author.read import read_assignment
from grader.author.skeleton import skeleton
from grader.author.write import Made, Row, make_suite

__all__ = ["Assignment", "Made", "Note", "Row", "make_suite", "read_assignment", "skeleton"]
