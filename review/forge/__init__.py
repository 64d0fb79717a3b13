"""Writes reviews to where pull requests are: GitHub, and Azure DevOps.

    messages    one comment, or one issue, found again by its hidden first line
    transport   requests, retries, the token, errors
    github, azure_devops   the two APIs
    artifacts   the review that an earlier run of a workflow kept

`python -m review.forge` is the command line. Nothing here reads a preview, or decides.
"""
