"""Sign in and out."""

from __future__ import annotations

from flask import Blueprint, render_template

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
def page() -> str:
    return render_template("account/sign_in.html")
