"""`python -m grader.render`: one notebook on stdin becomes a page on stdout (see `grader.render.process`)."""

import sys

from grader.render.process import main

sys.exit(main())
