"""The settings of a stack: their types, rules, errors and schema. Nothing here knows a resource."""
