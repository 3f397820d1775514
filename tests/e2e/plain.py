"""Scenarios that tests share."""

PUSHED = """
name = "pushed"
asset = "pushed"
[frame]
period = "1s"
[learn]
period = "1h"
[intake]
unknown = "declare"
"""
