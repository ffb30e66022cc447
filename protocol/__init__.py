"""What is said: machines, messages, prices, texts, and the clients that speak to the world."""
