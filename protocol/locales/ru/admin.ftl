# What admins read: people, jobs, orders, figures, broadcasts, alerts.
