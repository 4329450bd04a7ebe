"""Long-running trials that are no part of the test suite."""
