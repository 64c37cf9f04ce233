"""A person's telephone number: bound through WeChat, or checked by the community's staff."""
