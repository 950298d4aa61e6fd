"""The instructor desk: publish suites, set assignments, look through submissions, mark, regrade, export.

Every view begins by asking `grader.web.identity` whether this person teaches what the address names. Whoever does not
gets the page for an address that leads nowhere.
"""

import grader.web.desk.assignments
import grader.web.desk.courses
import grader.web.desk.export
import grader.web.desk.publish
import grader.web.desk.regrade
import grader.web.desk.review
import grader.web.desk.similarity
import grader.web.desk.statistics
import grader.web.desk.submissions  # noqa: F401 - importing a module gives the blueprint its routes
from grader.web.desk.blueprint import desk

__all__ = ["desk"]
