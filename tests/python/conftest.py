# SPDX-License-Identifier: MIT
"""Hypothesis draws new cases on every run, but in CI always the same, so that a change is what makes a result change."""
import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
