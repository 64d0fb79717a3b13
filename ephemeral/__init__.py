"""An environment that lives as long as its pull request: what is apart from dev, and what is told about it.

    settings    the stack's file: the settings of dev, under a name of its own
    notice      the comment of the pull request: where it is, or that it is gone
    left_over   stacks whose pull request does not want them any more

`python -m ephemeral` is the command line. Nothing here reaches Azure, or a forge.
"""
