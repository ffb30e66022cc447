"""What listens to Telegram and makes it show the posts."""
