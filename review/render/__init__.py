"""Renderings of a review: Markdown for a pull request, HTML for a browser, JSON for programs."""
