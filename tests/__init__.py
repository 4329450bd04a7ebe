"""Tests mirror the three packages; journeys drive a browser, house holds the rules, benchmarks measure."""
