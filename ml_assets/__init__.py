"""Stage 2: the assets of Azure Machine Learning that an environment holds, as Pulumi resources."""
