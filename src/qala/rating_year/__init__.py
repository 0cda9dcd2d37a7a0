"""The rating year: its timetable, additional initiatives, objections, and signs for the auditor."""
