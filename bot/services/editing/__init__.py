"""The editors' desk: drafts, review, publication, history, files and spreadsheets."""
