"""Measured things: each prints its figures and asserts nothing about time."""
