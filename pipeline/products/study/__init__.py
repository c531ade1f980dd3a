"""The comparison of text models on a products file: one run, one machine, resumable; figures, report and page."""
