"""What an Azure ML platform must never do, as controls that judge the resources of any Pulumi program.

`catalogue.CATALOGUE` has the controls, one module a concern; `judge.Judge` applies them as a stack has
configured them; `host` answers Pulumi's engine. Nothing here is shared with the program that is judged:
a control that imported the program's constants could not catch a wrong one.
"""
