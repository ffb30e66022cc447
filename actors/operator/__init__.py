"""The operator's side: the live feed, the dashboard, metrics and health, all on one port."""
