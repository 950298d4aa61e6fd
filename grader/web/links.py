"""Addresses of this site for mails and other places outside of it."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from markupsafe import Markup

from grader.records.drawing import qr_svg
from grader.web.services import services


def absolute(endpoint: str, **values: Any) -> str:
    """The address of a view with its host: the configured one, and without any the one this request asked for.

    What a request says of the host is the sender's word, so a site that sends mail has to configure it.
    """
    root = services().settings.base_url or request.host_url
    return root.rstrip("/") + url_for(endpoint, **values)


def qr_code(address: str) -> Markup:
    """An SVG that a camera reads as this address."""
    return Markup(qr_svg(address))  # noqa: S704 - drawn from the address bit by bit: nothing of its text is in it
