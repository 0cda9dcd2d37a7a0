"""Surveys: a questionnaire that keeps itself, links without account, one answer each, anonymous answers, paper as XLSX.

Whoever asks (the maturity assessment, later satisfaction of residents) makes a `Questionnaire`, opens a survey with it by
`services.create`, and reads `queries.responses`. Management is the kit's: invite, remind, progress, import, close.
"""
