"""Containers behind one protocol. `docker`, `images` and `launcher` need Docker and are imported by their own names."""

from __future__ import annotations

from grader.sandbox.base import FRAME, STDERR, STDOUT, Container, ContainerSpec, Exit, Role, Sandbox
from grader.sandbox.client import LauncherClient
from grader.sandbox.local import LocalSandbox

__all__ = [
    "FRAME",
    "STDERR",
    "STDOUT",
    "Container",
    "ContainerSpec",
    "Exit",
    "LauncherClient",
    "LocalSandbox",
    "Role",
    "Sandbox",
]
