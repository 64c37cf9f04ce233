"""What people are told: in the app first, then by WeChat, and where neither reaches, by a call."""
