"""What is written in mails."""

from __future__ import annotations

from grader.db.links import INVITATION_DAYS, LOGIN_MINUTES
from grader.mail import Mail


def login(to: str, url: str) -> Mail:
    return Mail(
        to,
        "Sign in to Grader",
        f"Open this link and press the button to sign in:\n\n{url}\n\n"
        f"It works once, for {LOGIN_MINUTES} minutes. If you did not ask for it, do nothing: nobody gets in.\n",
    )


def invitation(to: str, url: str, *, name: str | None, course: str | None, by: str | None) -> Mail:
    into = f" to the course “{course}”" if course else ""
    inviter = f"{by} invites you" if by else "You are invited"
    hello = f"Hello {name},\n\n" if name else ""
    return Mail(
        to,
        f"Invitation{into}" if course else "Invitation to Grader",
        f"{hello}{inviter}{into} on Grader. Make your account here:\n\n{url}\n\n"
        f"The link works once, for {INVITATION_DAYS} days. If you do not know what this is, do nothing.\n",
    )


def enrolled(to: str, url: str, *, course: str, by: str | None) -> Mail:
    who = f"{by} has put you" if by else "You were put"
    return Mail(to, f"You are in “{course}”", f"{who} into the course “{course}” on Grader:\n\n{url}\n")


def contact_request(to: str, url: str, *, organisation: str) -> Mail:
    return Mail(
        to,
        f"{organisation} asks to talk to you",
        f"{organisation} has found your skills on Grader and asks for contact. It does not know who you are.\n\n"
        f"Read the message, and accept or decline:\n\n{url}\n\nIf you do nothing, it learns nothing.\n",
    )


def contact_answer(to: str, url: str, *, accepted: bool) -> Mail:
    what = "accepted" if accepted else "declined"
    return Mail(to, f"A learner has {what} your request", f"A learner has {what} your request for contact:\n\n{url}\n")
