"""The website: `python web.py` serves it, and any WSGI server can (`gunicorn --threads 32 web:create_app()`).

Settings are GRADER_* variables. Progress pages each hold a thread, so give the server many.
"""

from __future__ import annotations

from grader.web import create_app
from grader.web.server import serve

__all__ = ["create_app"]

if __name__ == "__main__":
    serve()
