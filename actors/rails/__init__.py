"""The desks of the rails: what is asked of Stripe and Telegram about money, and when."""
