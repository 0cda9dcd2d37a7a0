"""Maturity assessments of cities: survey, interviews and expert panel, results, library of what is published."""
