"""What keeps the shop in order while it is open: backups, audits, cleaning, warnings, figures."""
