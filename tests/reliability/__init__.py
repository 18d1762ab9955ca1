"""Tests of what happens under many writers, crashes and faults."""
