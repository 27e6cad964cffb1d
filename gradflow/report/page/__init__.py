"""The report: one HTML file that opens from disk."""

from gradflow.report.page.build import write_report as write_report
