"""The suites are material, not tests of this project: their students' modules are not importable here."""

collect_ignore = ["suites"]
