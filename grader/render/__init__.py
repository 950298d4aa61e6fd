"""The executed notebook as a page that does nothing but show it, with the marks between its cells.

Everything in a notebook is hostile. The page has no script, no link, no form and no address of anything outside; what
it may hold is a short list of tags (`grader.render.html`), and a page with anything else is not handed out.
"""

from grader.errors import RenderError
from grader.render.marks import Mark, marks_of, with_marks
from grader.render.page import notebook_html
from grader.render.process import STANDBY, render

__all__ = ["STANDBY", "Mark", "RenderError", "marks_of", "notebook_html", "render", "with_marks"]
