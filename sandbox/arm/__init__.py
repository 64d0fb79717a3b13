"""An emulator of Azure Resource Manager: its envelope, its rules, and resource types declared as data."""
