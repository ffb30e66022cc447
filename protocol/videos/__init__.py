"""The `/v1/videos` protocol, as OpenAI defined it for Sora 2 and other servers still speak it."""
