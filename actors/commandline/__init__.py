"""The commands of `kadr` behind `actors/cli.py`."""
