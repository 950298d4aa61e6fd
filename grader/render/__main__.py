"""`python -m grader.render TITLE`: a notebook on stdin becomes a page on stdout."""

import sys

from grader.render.page import main

sys.exit(main())
