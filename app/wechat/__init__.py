"""WeChat: our client, and a stand-in server that behaves like WeChat for demos and tests."""
