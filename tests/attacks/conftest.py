"""Payloads are hostile and the suite is material: nothing below is ever imported by a test run on the host."""

collect_ignore = ["payloads", "suite"]
