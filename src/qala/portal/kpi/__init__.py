"""The portal: section, initiative, KPI, and the rows behind a number."""
