from gradflow.report.page.build import write_report as write_report
