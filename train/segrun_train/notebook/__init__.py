"""The notebook that segrun grew from: its claims, each tested by an experiment.

Source of everything said about it: Azari, "Semantic Segmentation of the Aerial Images", notebook, version 1.0, 2021.
``python -m segrun_train.notebook`` runs the experiments and writes the page.
"""
