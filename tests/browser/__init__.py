"""Tests of the sandbox's pages in a real browser. A package, so that all of them share one sandbox and one Chromium."""
