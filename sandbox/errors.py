"""The one error class of the sandbox's shell: a sentence for a person, without a traceback."""


class SandboxError(Exception):
    """A mistake or a missing piece that a person can do something about.

    The message is one line: what is wrong, where, and what to do. The command
    line prints it after "error:" and exits with status 1.
    """
