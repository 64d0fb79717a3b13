"""What a change of a stack means: from the events of one preview to a page that is read in a minute.

    events  →  preview  →  review  →  render
    (text)     (steps)     (facts)     (Markdown, HTML, JSON)

Nothing is shared with the program that is reviewed: the package reads what the engine prints, and works on
any Pulumi program; what it knows of azure-native shows where it is used. Nothing here calls Azure or Pulumi.
"""
